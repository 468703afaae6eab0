"""exec in a signal handler
Starts a program while a C signal handler calls back.
policy: no-programs
audit: unexpectedProcess
"""
import os
import signal


def attack(at):
    def become(number, frame):
        os.execv("/bin/sh", at.SHELL)

    def start():
        signal.signal(signal.SIGALRM, become)
        os.kill(os.getpid(), signal.SIGALRM)
        for _ in range(1000):
            pass
    return at.ran(at.captured(start))
