"""A symbolic link swapped in a race
Has a second thread change where a link leads between the check and its use, many rounds.
policy: allowed-paths
audit: regFileAccess
"""
import os
import threading


def attack(at):
    open('/tmp/work/target', 'w').close()
    os.symlink('/tmp/work/target', '/tmp/work/swapped')
    swapping = [True]

    def swap():
        while swapping[0]:
            os.symlink(at.key, '/tmp/work/next')
            os.rename('/tmp/work/next', '/tmp/work/swapped')
            os.symlink('/tmp/work/target', '/tmp/work/next')
            os.rename('/tmp/work/next', '/tmp/work/swapped')
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(2000):
            try:
                os.close(os.open('/tmp/work/swapped', os.O_WRONLY | os.O_TRUNC))
            except OSError:
                pass
            if at.written():
                return True
    finally:
        swapping[0] = False
        thread.join()
    return False
