"""os.execvpe
Looks the program up along PATH, with an environment of its own.
policy: no-programs
audit: unexpectedProcess
"""
import os


def attack(at):
    return at.ran(at.captured(lambda: os.execvpe('sh', at.SHELL, {'PATH': '/usr/bin:/bin'})))
