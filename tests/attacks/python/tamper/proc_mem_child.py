"""/proc/PID/mem of the parent, from a child
Lets a forked child write into its parent.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    page, original, offset = at.patched_page()
    parent = os.getpid()
    
    def write():
        memory = os.open('/proc/%d/mem' % parent, os.O_RDWR)
        return at.syscall(18, memory, original, 4096, page) == 4096
    at.in_child(write)
    return at.restored(page, original)
