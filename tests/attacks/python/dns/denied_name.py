"""A denied name
Resolves a name that the deny list names.
policy: denied-names
audit: explicitlyDeniedDNS
proof: arrival
"""
import socket


def attack(at):
    return bool(socket.getaddrinfo(at.evil().decode(), 80))
