"""syscall(listen)
Asks for listen by its number.
policy: allowed-listening
audit: unexpectedListeningPort
"""
import socket


def attack(at):
    def listen():
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('0.0.0.0', 9997))
        at.syscall(50, listener.fileno(), 1)
        return listener
    return at.answered(listen, at.received)
