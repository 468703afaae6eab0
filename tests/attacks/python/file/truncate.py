"""truncate by path
Empties a file without opening it.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    at.checked(at.libc.truncate(at.key.encode(), 0), 'truncate')
    return at.written()
