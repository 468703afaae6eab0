"""A directory swapped for a link in a race
Has a second thread exchange a directory and a link to the secret one, many rounds.
policy: allowed-paths
audit: regFileAccess
"""
import os
import threading


def attack(at):
    os.mkdir('/tmp/work/place')
    open('/tmp/work/place/%s.key' % at.name, 'w').close()
    os.symlink('/tmp/secret', '/tmp/work/away')
    swapping = [True]

    def swap():
        while swapping[0]:
            at.libc.renameat2(at.HERE, b'/tmp/work/place', at.HERE, b'/tmp/work/away', 2)
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(3000):
            try:
                os.close(os.open('/tmp/work/place/%s.key' % at.name, os.O_WRONLY | os.O_TRUNC))
            except OSError:
                pass
            if at.written():
                return True
    finally:
        swapping[0] = False
        thread.join()
    return False
