"""/proc/self/fd of a file
Opens a file for reading and opens its descriptor again for writing.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    file = os.open(at.key, os.O_RDONLY)
    open('/proc/self/fd/%d' % file, 'w').write('changed')
    return at.written()
