"""fcntl of the Defender's descriptors
Sets flags of theirs: the log's, so that writing fails or blocks.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    ours = at.ours()
    import fcntl
    for number in ours:
        at.syscall(72, number, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
    return bool(ours)
