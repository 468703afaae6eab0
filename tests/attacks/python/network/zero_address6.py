""":: for this machine
Connects to ::, which leads to denied ::1.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp(socket.AF_INET6)
    stream.connect(('::', at.PORT))
    return at.say(stream)
