"""0.0.0.0 for this machine
Connects to 0.0.0.0, which leads to denied 127.0.0.1.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.connect(('0.0.0.0', at.PORT))
    return at.say(stream)
