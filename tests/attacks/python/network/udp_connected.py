"""UDP: connect and send
Connects a datagram socket first.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    sender = at.udp()
    sender.connect((at.FOE, at.PORT))
    sender.send(at.token)
    return True
