"""A decimal address
Writes the address as one number, which inet_aton takes.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp()
    stream.connect(('3405803857', at.PORT))
    return at.say(stream)
