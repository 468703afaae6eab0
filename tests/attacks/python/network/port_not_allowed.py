"""A port that no list allows
Connects to another port than the allowed ones.
policy: allowed-port
audit: unexpectedOutboundPort
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.connect((at.FRIEND, at.PORT))
    return at.say(stream)
