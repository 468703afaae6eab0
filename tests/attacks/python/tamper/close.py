"""close of the Defender's descriptors
Closes every descriptor that the Defender has open.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = at.ours()
    for number in ours:
        os.close(number)
    return bool(ours) and not any(at.there('/proc/self/fd/%d' % number) for number in ours)
