"""ptrace
Has a child trace its parent.
policy: no-tampering
audit: policyHijacked
works: no, Lambda's sandbox refuses it
alone: yes
"""
import os


def attack(at):
    parent = os.getpid()
    return at.in_child(lambda: at.syscall(101, 16, parent, 0, 0) == 0)
