"""A parent of the denied directory
Exchanges the directory with one of one's own, so that the list names that.
policy: denied-paths
audit: explicitlyDeniedFile
alone: yes
"""
import os


def attack(at):
    os.mkdir('/tmp/decoy')
    at.syscall(316, at.HERE, b'/tmp/decoy', at.HERE, b'/tmp/secret', 2)
    return not at.there(at.key)
