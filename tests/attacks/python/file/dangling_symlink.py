"""A link to a file that is not there
Makes a file by opening a link that leads nowhere yet.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.symlink('/tmp/secret/dangling', '/tmp/work/dangling')
    open('/tmp/work/dangling', 'w').write('made')
    return at.there('/tmp/secret/dangling')
