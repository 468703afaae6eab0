"""syscall(truncate)
Asks for it by its number.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    at.syscall(76, at.key.encode(), 0)
    return at.written()
