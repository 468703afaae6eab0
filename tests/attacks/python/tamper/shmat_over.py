"""shmat over libc's code
Attaches shared memory in the place of the patched page.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes


def attack(at):
    page, original, offset = at.patched_page()
    segment = at.syscall(29, 0, 4096, 0o1700)
    first = at.syscall(30, segment, 0, 0)
    ctypes.memmove(first, original, 4096)
    at.syscall(30, segment, page, 0o40000 | 0o100000)
    return at.restored(page, original)
