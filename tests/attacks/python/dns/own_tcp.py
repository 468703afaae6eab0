"""A question over TCP
Speaks DNS over a stream to the resolver.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import struct


def attack(at):
    packet = at.query(at.evil())
    stream = at.tcp()
    stream.connect((at.RESOLVER, 53))
    stream.sendall(struct.pack('!H', len(packet)) + packet)
    return b'evil' in stream.recv(500)
