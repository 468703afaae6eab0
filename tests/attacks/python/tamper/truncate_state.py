"""Truncating the Defender's shared memory
Cuts the memory file to nothing, so that reading it faults.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = [int(name) for name in os.listdir('/proc/self/fd') if int(name) >= 48 and at.there('/proc/self/fd/' + name)]
    for number in ours:
        if 'memfd' in os.readlink('/proc/self/fd/%d' % number):
            at.syscall(77, number, 0)
            return os.fstat(number).st_size == 0
    raise OSError('no such memory')
