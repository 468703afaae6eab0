"""open of a new file
Makes a file where no list allows one.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    open('/tmp/secret/new', 'w').write('made')
    return at.there('/tmp/secret/new')
