"""A symbolic link made elsewhere
Puts a link where nothing may be made.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.symlink('/etc/passwd', '/tmp/secret/made-link')
    return at.there('/tmp/secret/made-link')
