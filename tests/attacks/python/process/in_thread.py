"""exec from another thread
Forks and becomes a shell from a thread that Python made.
policy: no-programs
audit: unexpectedProcess
"""
import os


def attack(at):
    return at.ran(at.in_thread(lambda: at.captured(lambda: os.execv('/bin/sh', at.SHELL))))
