"""dup3 over the Defender's descriptors
The same by the newer call.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = [int(name) for name in os.listdir('/proc/self/fd') if int(name) >= 48 and at.there('/proc/self/fd/' + name)]
    null = os.open('/dev/null', os.O_RDWR)
    for number in ours:
        at.syscall(292, null, number, 0o2000000)
    return bool(ours) and all(os.readlink('/proc/self/fd/%d' % number) == '/dev/null' for number in ours)
