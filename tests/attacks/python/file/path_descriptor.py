"""A descriptor that is only a path
Opens with O_PATH and opens that again for writing.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    file = os.open(at.key, 0o10000000)
    open('/proc/thread-self/fd/%d' % file, 'w').write('changed')
    return at.written()
