"""subprocess with shell=True
Passes a command line to a shell: what an injected command does.
policy: no-programs
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output(at.COMMAND, shell=True))
