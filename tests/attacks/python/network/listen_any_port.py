"""Listening on a port that the kernel chooses
Binds port 0 and listens.
policy: allowed-listening
audit: unexpectedListeningPort
"""
import socket


def attack(at):
    def listen():
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('0.0.0.0', 0))
        listener.listen(1)
        return listener
    return at.answered(listen, at.received)
