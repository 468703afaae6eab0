"""/proc/self/mem by a symbolic link
Makes a link to it in /tmp.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    page, original, offset = at.patched_page()
    os.symlink('/proc/self/mem', '/tmp/work/mem')
    memory = os.open('/tmp/work/mem', os.O_RDWR)
    os.lseek(memory, page, 0)
    os.write(memory, original)
    return at.restored(page, original)
