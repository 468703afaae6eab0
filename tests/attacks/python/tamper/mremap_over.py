"""mremap over libc's code
Puts the file's bytes into new memory and moves that over the patched page.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes


def attack(at):
    page, original, offset = at.patched_page()
    fresh = at.syscall(9, 0, 4096, 7, 0x22, -1, 0)
    ctypes.memmove(fresh, original, 4096)
    at.syscall(25, fresh, 4096, 4096, 3, page)
    return at.restored(page, original)
