"""The dynamic loader as the program
Executes ld.so with the program as its argument.
policy: no-programs
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output(['/lib64/ld-linux-x86-64.so.2'] + at.SHELL))
