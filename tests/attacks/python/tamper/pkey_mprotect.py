"""pkey_mprotect
The same by the call for protection keys.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes


def attack(at):
    page, original, offset = at.patched_page()
    at.syscall(329, page, 4096, 7, -1)
    ctypes.memmove(page, original, 4096)
    return at.restored(page, original)
