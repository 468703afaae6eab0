"""os.spawnv
Starts and waits for a program in one call.
policy: no-programs
audit: unexpectedProcess
"""
import os


def attack(at):
    return at.ran(at.with_output(lambda: os.spawnv(os.P_WAIT, '/bin/sh', at.SHELL)))
