"""A double fork
Lets a grandchild, whose parent is gone, become a shell.
policy: no-programs
audit: unexpectedProcess
"""
import os
import time


def attack(at):
    path = "/tmp/work/double_fork"
    if os.fork() == 0:
        if os.fork() == 0:
            try:
                os.setsid()
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), 1)
                os.execv("/bin/sh", at.SHELL)
            finally:
                os._exit(77)
        os._exit(0)
    os.wait()
    time.sleep(0.5)
    return at.ran(at.read(path))
