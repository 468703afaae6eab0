"""close_range
Closes them in one call.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = [int(name) for name in os.listdir('/proc/self/fd') if int(name) >= 48 and at.there('/proc/self/fd/' + name)]
    at.syscall(436, 48, 1023, 0)
    return bool(ours) and not any(at.there('/proc/self/fd/%d' % number) for number in ours)
