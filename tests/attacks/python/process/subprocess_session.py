"""subprocess in a session of its own
Leaves the session and process group, as a daemon does.
policy: no-programs
audit: unexpectedProcess
"""
import os
import subprocess


def attack(at):
    return at.ran(subprocess.check_output(at.SHELL, preexec_fn=os.setsid))
