"""ctypes: connect
Calls the C library's connect.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    stream = at.tcp()
    stream.settimeout(None)
    at.checked(at.libc.connect(stream.fileno(), at.address4(at.FOE, at.PORT), 16), 'connect')
    return at.say(stream)
