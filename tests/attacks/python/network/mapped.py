"""An IPv4 address as IPv6
Writes the denied address as ::ffff:203.0.113.81.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp(socket.AF_INET6)
    stream.connect(('::ffff:' + at.FOE, at.PORT))
    return at.say(stream)
