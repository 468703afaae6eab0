"""pathlib
Writes with Path.write_text.
policy: allowed-paths
audit: regFileAccess
since: 3.6
"""
import pathlib


def attack(at):
    pathlib.Path(at.key).write_text(u'changed')
    return at.written()
