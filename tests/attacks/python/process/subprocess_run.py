"""subprocess
Starts a program from a list of arguments.
policy: no-programs
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output(at.SHELL))
