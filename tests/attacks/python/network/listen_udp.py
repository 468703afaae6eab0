"""Receiving datagrams
Binds a UDP port and receives from a stranger.
policy: allowed-listening
audit: unexpectedListeningPort
"""
import socket


def attack(at):
    receiver = at.udp()
    receiver.bind(('0.0.0.0', 9999))
    at.udp().sendto(at.token, ('127.0.0.1', 9999))
    return receiver.recv(100) == at.token
