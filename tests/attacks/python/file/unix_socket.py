"""A UNIX socket
Binds a socket, which makes a file.
policy: allowed-paths
audit: regFileAccess
"""
import socket


def attack(at):
    socket.socket(socket.AF_UNIX).bind('/tmp/secret/socket')
    return at.there('/tmp/secret/socket')
