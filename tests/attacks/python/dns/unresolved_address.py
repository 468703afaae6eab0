"""An address that no name led to
Connects to an address that the resolver never named.
policy: allowed-names
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
