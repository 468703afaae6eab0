"""/proc/self/task/TID/mem
The same by the thread's number.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    page, original, offset = at.patched_page()
    memory = os.open('/proc/self/task/%d/mem' % os.getpid(), os.O_RDWR)
    os.lseek(memory, page, 0)
    os.write(memory, original)
    return at.restored(page, original)
