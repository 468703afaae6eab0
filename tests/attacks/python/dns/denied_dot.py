"""A denied name with a final dot
Asks for it as a whole name.
policy: denied-names
audit: explicitlyDeniedDNS
proof: arrival
"""
import socket


def attack(at):
    return bool(socket.getaddrinfo(at.evil().decode() + '.', 80))
