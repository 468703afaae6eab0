"""Mapping the Defender's shared memory
Maps the shared memory anew to write into it.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = [int(name) for name in os.listdir('/proc/self/fd') if int(name) >= 48 and at.there('/proc/self/fd/' + name)]
    for number in ours:
        if 'memfd' in os.readlink('/proc/self/fd/%d' % number):
            return at.syscall(9, 0, 4096, 3, 1, number, 0) > 0
    raise OSError('no such memory')
