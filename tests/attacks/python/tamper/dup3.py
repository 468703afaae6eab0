"""dup3 over the Defender's descriptors
The same by the newer call.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = at.ours()
    null = os.open('/dev/null', os.O_RDWR)
    for number in ours:
        at.syscall(292, null, number, 0o2000000)
    return bool(ours) and all(os.readlink('/proc/self/fd/%d' % number) == '/dev/null' for number in ours)
