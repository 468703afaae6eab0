"""The path swapped in memory
Has a second thread change the path between the check and its use, many rounds.
policy: allowed-paths
audit: regFileAccess
"""
import ctypes
import os
import threading


def attack(at):
    good, bad = b'/tmp/work/race', at.key.encode()
    path = ctypes.create_string_buffer(good, 100)
    swapping = [True]

    def swap():
        while swapping[0]:
            ctypes.memmove(path, bad, len(bad) + 1)
            ctypes.memmove(path, good, len(good) + 1)
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(2000):
            try:
                file = at.libc.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                if file >= 0:
                    os.close(file)
            except OSError:
                pass
            if at.written():
                return True
    finally:
        swapping[0] = False
        thread.join()
    return False
