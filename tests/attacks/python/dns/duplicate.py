"""A duplicate of the connected descriptor
Connects one descriptor and writes to a duplicate with a high number.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import os


def attack(at):
    asker = at.udp()
    asker.connect((at.RESOLVER, 53))
    at.syscall(33, asker.fileno(), 900)
    os.write(900, at.query(at.evil()))
    return b'evil' in asker.recv(500)
