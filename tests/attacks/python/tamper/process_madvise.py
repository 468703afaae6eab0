"""process_madvise of libc's code
The same by the call for other processes, for oneself.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes
import os
import struct


def attack(at):
    page, original, offset = at.patched_page()
    piece = struct.pack('PL', page, 4096)
    at.syscall(440, at.syscall(434, os.getpid(), 0), piece, 1, 4, 0)
    return at.restored(page, original)
