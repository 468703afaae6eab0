"""A second question over TCP
Asks for an allowed name first, and for the other one in the same write.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import struct


def attack(at):
    first, packet = at.query(b'good.test'), at.query(at.evil())
    stream = at.tcp()
    stream.connect((at.RESOLVER, 53))
    stream.sendall(struct.pack('!H', len(first)) + first + struct.pack('!H', len(packet)) + packet)
    return b'good' in stream.recv(500)
