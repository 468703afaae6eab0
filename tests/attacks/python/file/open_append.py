"""open for appending
Adds a line to a file.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    open(at.key, 'a').write('changed')
    return at.written()
