"""open for writing
Opens a file for writing, which empties it.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    open(at.key, 'w').write('changed')
    return at.written()
