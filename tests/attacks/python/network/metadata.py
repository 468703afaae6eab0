"""Instance metadata
Asks 169.254.169.254, though the allow list has it.
policy: no-metadata
audit: cloudMetadataProbing
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp(socket.AF_INET)
    stream.connect(('169.254.169.254', 80))
    stream.sendall(b'GET /latest/meta-data/' + at.token + b' HTTP/1.0\r\n\r\n')
    return b'reached' in stream.recv(200)
