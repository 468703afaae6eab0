"""A denied port to listen on
Opens a port that the deny list names.
policy: denied-listening
audit: explicitlyDeniedListeningPort
"""
import socket


def attack(at):
    def listen():
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('0.0.0.0', 9999))
        listener.listen(1)
        return listener
    return at.answered(listen, at.received)
