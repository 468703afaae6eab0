"""unlink through a link swapped in a race
The same for a file's removal.
policy: allowed-paths
audit: regFileAccess
"""
import os
import threading


def attack(at):
    os.mkdir('/tmp/work/spot')
    os.symlink('/tmp/secret', '/tmp/work/aside')
    swapping = [True]
    
    def swap():
        while swapping[0]:
            at.libc.renameat2(at.HERE, b'/tmp/work/spot', at.HERE, b'/tmp/work/aside', 2)
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(2000):
            try:
                os.unlink('/tmp/work/spot/%s.key' % at.name)
            except OSError:
                pass
            if not at.there(at.key):
                return True
    finally:
        swapping[0] = False
        thread.join()
    return False
