"""syscall(mknod)
Makes a file with mknod.
policy: allowed-paths
audit: regFileAccess
"""
import stat


def attack(at):
    at.syscall(133, b'/tmp/secret/node', stat.S_IFREG | 0o600, 0)
    return at.there('/tmp/secret/node')
