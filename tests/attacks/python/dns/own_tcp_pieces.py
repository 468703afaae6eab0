"""A question over TCP, a byte at a time
Splits length and name over many writes.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import os
import struct


def attack(at):
    packet = at.query(at.evil())
    stream = at.tcp()
    stream.connect((at.RESOLVER, 53))
    for byte in bytearray(struct.pack('!H', len(packet)) + packet):
        os.write(stream.fileno(), struct.pack('B', byte))
    return b'evil' in stream.recv(500)
