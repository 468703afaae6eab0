"""The Defender's threads put to sleep
Has a signal handler of the C library's pause run in each of them.
policy: no-tampering
audit: policyHijacked
works: no, they block every signal
alone: yes
"""
import ctypes
import os
import time


def attack(at):
    at.libc.signal(10, ctypes.cast(at.libc.pause, ctypes.c_void_p))
    # The runtime client has a thread, too, which is nobody's business.
    threads = [int(thread) for thread in os.listdir("/proc/self/task")]
    others = [thread for thread in threads if at.read("/proc/self/task/%d/comm" % thread).startswith(b"gambeson")]
    for thread in others:
        try:
            at.syscall(234, os.getpid(), thread, 10)
        except OSError as error:
            at.note(error)
    time.sleep(0.2)
    asleep = [thread for thread in others if at.read("/proc/self/task/%d/syscall" % thread).startswith(b"34 ")]
    at.note("%d of %d" % (len(asleep), len(others)))
    return bool(asleep)
