"""Mapping the Defender's shared memory
Maps the shared memory anew to write into it.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = at.ours()
    for number in ours:
        if 'memfd' in os.readlink('/proc/self/fd/%d' % number):
            return at.syscall(9, 0, 4096, 3, 1, number, 0) > 0
    raise OSError('no such memory')
