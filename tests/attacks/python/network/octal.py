"""An octal address
Writes the address as 0313.0.0161.0121.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.connect(('0313.0.0161.0121', at.PORT))
    return at.say(stream)
