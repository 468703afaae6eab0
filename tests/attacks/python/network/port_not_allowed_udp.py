"""A UDP port that no list allows
Sends a datagram to another port.
policy: allowed-port
audit: unexpectedOutboundPort
proof: arrival
"""


def attack(at):
    at.udp().sendto(at.token, (at.FRIEND, at.PORT))
    return True
