"""An address that no list allows
Connects to an address beside the allowed one.
policy: allowed-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
