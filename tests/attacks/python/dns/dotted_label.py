"""A label that holds dots
Hides the name in one label that reads like an allowed one.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import struct


def attack(at):
    asker = at.udp()
    packet = at.query(b'x')[:12]
    for label in (at.token + b'.good.test', b'evil', b'test'):
        packet += struct.pack('B', len(label)) + label
    asker.sendto(packet + b'\0\0\1\0\1', (at.RESOLVER, 53))
    return b'evil' in asker.recv(500)
