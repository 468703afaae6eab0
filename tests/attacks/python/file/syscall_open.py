"""syscall(open)
Asks for open by its number.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.write(at.syscall(2, at.key.encode(), os.O_WRONLY, 0), b'changed')
    return at.written()
