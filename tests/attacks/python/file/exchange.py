"""renameat2 with exchange
Exchanges the file with one of one's own.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    open('/tmp/work/other', 'w').write('changed')
    at.syscall(316, at.HERE, b'/tmp/work/other', at.HERE, at.key.encode(), 2)
    return at.written()
