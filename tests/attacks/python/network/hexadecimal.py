"""A hexadecimal address
Writes the address as 0xcb007151.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp()
    stream.connect(('0xcb007151', at.PORT))
    return at.say(stream)
