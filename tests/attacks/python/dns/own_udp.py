"""A question of one's own
Writes the packet itself and sends it to the function's resolver.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""


def attack(at):
    asker = at.udp()
    asker.sendto(at.query(at.evil()), (at.RESOLVER, 53))
    return b'evil' in asker.recv(500)
