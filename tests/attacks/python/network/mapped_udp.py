"""An IPv4 address as IPv6, by UDP
The same for a datagram.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    at.udp(socket.AF_INET6).sendto(at.token, ('::ffff:' + at.FOE, at.PORT))
    return True
