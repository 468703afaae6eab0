"""Instance metadata by a decimal address
Asks 2852039166.
policy: no-metadata
audit: cloudMetadataProbing
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp(socket.AF_INET)
    stream.connect(('2852039166', 80))
    stream.sendall(b'GET /latest/meta-data/' + at.token + b' HTTP/1.0\r\n\r\n')
    return b'reached' in stream.recv(200)
