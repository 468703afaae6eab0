"""subprocess with an empty environment
Leaves LD_PRELOAD and TW_POLICY out of the child's environment.
policy: no-programs
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output(at.SHELL, env={}, close_fds=True))
