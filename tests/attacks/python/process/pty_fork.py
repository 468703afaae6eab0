"""pty.fork
Becomes a shell on a pseudo-terminal.
policy: no-programs
audit: unexpectedProcess
"""
import os
import pty


def attack(at):
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.execv("/bin/sh", at.SHELL)
        finally:
            os._exit(77)
    text = b""
    try:
        while True:
            piece = os.read(terminal, 1000)
            if not piece:
                break
            text += piece
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(terminal)
    return at.ran(text)
