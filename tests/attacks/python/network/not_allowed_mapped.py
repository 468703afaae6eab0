"""An unlisted address as IPv6
Connects to it as ::ffff:203.0.113.81.
policy: allowed-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp(socket.AF_INET6)
    stream.connect(('::ffff:' + at.FOE, at.PORT))
    return at.say(stream)
