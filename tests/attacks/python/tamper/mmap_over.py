"""mmap over libc's code
Maps new memory over the patched page and puts the file's bytes there.
policy: no-tampering
audit: policyHijacked
since: 3.6
alone: yes
"""
import ctypes


def attack(at):
    page, original, offset = at.patched_page()
    at.syscall(9, page, 4096, 7, 0x32, -1, 0)
    ctypes.memmove(page, original, 4096)
    return at.restored(page, original)
