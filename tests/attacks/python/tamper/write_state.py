"""Writing into the Defender's shared memory
Opens the shared memory's descriptor again and overwrites it.
policy: no-tampering
audit: policyHijacked
since: 3.6
alone: yes
"""
import os


def attack(at):
    ours = at.ours()
    for number in ours:
        if 'memfd' in os.readlink('/proc/self/fd/%d' % number):
            memory = os.open('/proc/self/fd/%d' % number, os.O_RDWR)
            return os.pwrite(memory, b'x' * 64, 0) == 64
    raise OSError('no such memory')
