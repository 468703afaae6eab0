"""syscall(creat)
Asks for creat by its number.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    at.syscall(85, at.key.encode(), 0o600)
    return at.written()
