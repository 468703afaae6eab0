"""Multipath TCP
Connects with a socket of the protocol MPTCP, which falls back to TCP.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
    stream.settimeout(5)
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
