"""dup2 over the Defender's descriptors
Puts /dev/null in the place of each.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = at.ours()
    null = os.open('/dev/null', os.O_RDWR)
    for number in ours:
        os.dup2(null, number)
    return bool(ours) and all(os.readlink('/proc/self/fd/%d' % number) == '/dev/null' for number in ours)
