"""IPv6
Connects to a denied IPv6 network.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp(socket.AF_INET6)
    stream.connect((at.FOE6, at.PORT))
    return at.say(stream)
