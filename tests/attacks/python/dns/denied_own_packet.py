"""A denied name in a packet of one's own
Asks over a connected socket, by write.
policy: denied-names
audit: explicitlyDeniedDNS
proof: arrival
"""
import os


def attack(at):
    asker = at.udp()
    asker.connect((at.RESOLVER, 53))
    os.write(asker.fileno(), at.query(at.evil()))
    return b'evil' in asker.recv(500)
