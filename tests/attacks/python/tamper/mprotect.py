"""mprotect of libc's code
Makes patched code writable and puts the file's bytes back.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes


def attack(at):
    page, original, offset = at.patched_page()
    at.checked(at.libc.mprotect(ctypes.c_void_p(page), 4096, 7), 'mprotect')
    ctypes.memmove(page, original, 4096)
    return at.restored(page, original)
