"""/proc/self/fd of a directory
Writes by a path through an open directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    folder = os.open('/tmp/secret', os.O_RDONLY)
    open('/proc/self/fd/%d/%s' % (folder, os.path.basename(at.key)), 'w').write('changed')
    return at.written()
