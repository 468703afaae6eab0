"""_posixsubprocess.fork_exec
Calls the C function under subprocess, past anything that wraps subprocess.
policy: no-programs
audit: unexpectedProcess
since: 3.11
"""
import os

import _posixsubprocess


def attack(at):
    reading, writing = os.pipe()
    failing, failed = os.pipe()
    pid = _posixsubprocess.fork_exec(
        [part.encode() for part in at.SHELL], (b"/bin/sh",), False, (failed,), None, None, -1, -1, -1, writing, -1, -1,
        failing, failed, True, False, -1, None, None, None, -1, None, True)
    os.close(writing)
    os.close(failed)
    text = os.read(reading, 1000)
    os.waitpid(pid, 0)
    os.close(reading)
    os.close(failing)
    return at.ran(text)
