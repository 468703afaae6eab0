"""A denied port
Connects to a port that the deny list names.
policy: denied-port
audit: explicitlyDeniedOutboundPort
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.connect((at.FRIEND, at.PORT))
    return at.say(stream)
