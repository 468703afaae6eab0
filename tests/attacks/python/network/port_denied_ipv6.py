"""A denied port, by IPv6
The same by IPv6.
policy: denied-port
audit: explicitlyDeniedOutboundPort
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp(socket.AF_INET6)
    stream.connect(('fd00:80::1', at.PORT))
    return at.say(stream)
