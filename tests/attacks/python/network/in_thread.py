"""Another thread
Connects from a thread of Python's.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    def talk():
        stream = at.tcp()
        stream.connect((at.FOE, at.PORT))
        return at.say(stream)
    return at.in_thread(talk)
