"""syscall(connect)
Asks for connect by its number.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.settimeout(None)
    at.syscall(42, stream.fileno(), at.address4(at.FOE, at.PORT), 16)
    return at.say(stream)
