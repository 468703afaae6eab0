"""A relative path
Changes into the directory first.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.chdir('/tmp/secret')
    open(os.path.basename(at.key), 'w').write('changed')
    return at.written()
