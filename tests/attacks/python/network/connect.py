"""socket.connect
Connects to a denied address and sends a byte.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
