"""Listening, by IPv6
Opens the port for both families.
policy: allowed-listening
audit: unexpectedListeningPort
"""
import socket


def attack(at):
    def listen():
        listener = socket.socket(socket.AF_INET6)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('::', 9998))
        listener.listen(1)
        return listener
    return at.answered(listen, at.received)
