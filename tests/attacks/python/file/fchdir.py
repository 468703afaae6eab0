"""A relative path after fchdir
Changes into it by its descriptor.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.fchdir(os.open('/tmp/secret', os.O_RDONLY))
    open('./' + os.path.basename(at.key), 'w').write('changed')
    return at.written()
