"""The same by sendmsg
Sends the packet in pieces with sendmsg.
policy: allowed-names
audit: dnsQuery
since: 3.6
proof: arrival
"""


def attack(at):
    asker = at.udp()
    packet = at.query(at.evil())
    asker.sendmsg([packet[:14], packet[14:]], [], 0, (at.RESOLVER, 53))
    return b'evil' in asker.recv(500)
