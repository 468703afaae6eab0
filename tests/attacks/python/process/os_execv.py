"""os.fork and os.execv
Becomes a shell in a forked child.
policy: no-programs
audit: unexpectedProcess
"""
import os


def attack(at):
    return at.ran(at.captured(lambda: os.execv('/bin/sh', at.SHELL)))
