"""/proc/self/mem opened again for writing
Opens it for reading, which is free, and opens its descriptor again.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    page, original, offset = at.patched_page()
    reading = os.open('/proc/self/mem', os.O_RDONLY)
    memory = os.open('/proc/self/fd/%d' % reading, os.O_RDWR)
    at.syscall(18, memory, original, 4096, page)
    return at.restored(page, original)
