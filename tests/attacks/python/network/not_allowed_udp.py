"""A datagram to an address that no list allows
Sends one to an address beside the allowed one.
policy: allowed-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    at.udp().sendto(at.token, (at.FOE, at.PORT))
    return True
