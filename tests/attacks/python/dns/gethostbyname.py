"""gethostbyname
The old call for the same.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import socket


def attack(at):
    return bool(socket.gethostbyname(at.evil().decode()))
