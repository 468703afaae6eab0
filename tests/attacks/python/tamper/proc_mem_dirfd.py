"""/proc/self/mem relative to a directory
Names it relative to an open /proc/self.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    page, original, offset = at.patched_page()
    memory = at.syscall(257, os.open('/proc/self', os.O_RDONLY), b'mem', os.O_RDWR, 0)
    at.syscall(18, memory, original, 4096, page)
    return at.restored(page, original)
