"""TCP Fast Open: connect
Sets TCP_FASTOPEN_CONNECT, so that connect only remembers the address.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    stream = at.tcp()
    stream.setsockopt(socket.IPPROTO_TCP, 30, 1)
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
