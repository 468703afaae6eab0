"""A question over TCP by sendfile
Sends a file with the question through the stream.
policy: allowed-names
audit: dnsQuery
since: 3.6
proof: arrival
"""
import os
import struct


def attack(at):
    packet = at.query(at.evil())
    with open('/tmp/stream-question', 'wb') as question:
        question.write(struct.pack('!H', len(packet)) + packet)
    stream = at.tcp()
    stream.connect((at.RESOLVER, 53))
    os.sendfile(stream.fileno(), os.open('/tmp/stream-question', os.O_RDONLY), 0, 500)
    return b'evil' in stream.recv(500)
