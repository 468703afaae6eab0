"""A symbolic link to a directory
Writes below a link in the allowed directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.symlink('/tmp/secret', '/tmp/work/folder')
    open('/tmp/work/folder/' + at.name + '.key', 'w').write('changed')
    return at.written()
