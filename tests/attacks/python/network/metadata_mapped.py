"""Instance metadata, IPv4 as IPv6
Asks ::ffff:169.254.169.254.
policy: no-metadata
audit: cloudMetadataProbing
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp(socket.AF_INET6)
    stream.connect(('::ffff:169.254.169.254', 80))
    stream.sendall(b'GET /latest/meta-data/' + at.token + b' HTTP/1.0\r\n\r\n')
    return b'reached' in stream.recv(200)
