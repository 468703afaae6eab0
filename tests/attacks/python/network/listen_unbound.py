"""Listening without bind
Listens on a socket that was never bound.
policy: allowed-listening
audit: unexpectedListeningPort
"""
import socket


def attack(at):
    def listen():
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.listen(1)
        return listener
    return at.answered(listen, at.received)
