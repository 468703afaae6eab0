"""The same library, from /tmp
Loads a copy of it from where the function can write.
policy: no-programs
audit: unexpectedProcess
"""
import ctypes


def attack(at):
    return at.ran(at.captured(lambda: ctypes.CDLL(at.copied('/var/task/native.so', '/tmp/work/own.so')).own_execve()))
