"""An allowed program's name as the first argument
Calls itself echo and is a shell.
policy: listed-programs
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output(['echo'] + at.SHELL[1:], executable='/bin/sh'))
