"""An address without a family
Sends a datagram to an AF_UNSPEC address, which Linux takes for IPv4.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""


def attack(at):
    address = b'\0\0' + at.address4(at.FOE, at.PORT)[2:]
    sender = at.udp()
    return at.syscall(44, sender.fileno(), at.token, len(at.token), 0, address, 16) > 0
