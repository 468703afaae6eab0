"""/proc/self/mem
Writes through the file of one's own memory, which knows no protection.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    page, original, offset = at.patched_page()
    memory = os.open('/proc/self/mem', os.O_RDWR)
    os.lseek(memory, page, 0)
    os.write(memory, original)
    return at.restored(page, original)
