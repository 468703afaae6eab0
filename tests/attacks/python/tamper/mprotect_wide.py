"""mprotect of a wide range
Makes a range writable that begins before patched code.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes


def attack(at):
    page, original, offset = at.patched_page()
    at.syscall(10, page - 4096, 8192, 7)
    ctypes.memmove(page, original, 4096)
    return at.restored(page, original)
