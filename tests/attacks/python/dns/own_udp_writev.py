"""The same by writev
Writes the packet in three pieces.
policy: allowed-names
audit: dnsQuery
since: 3.6
proof: arrival
"""
import os


def attack(at):
    asker = at.udp()
    asker.connect((at.RESOLVER, 53))
    packet = at.query(at.evil())
    os.writev(asker.fileno(), [packet[:1], packet[1:20], packet[20:]])
    return b'evil' in asker.recv(500)
