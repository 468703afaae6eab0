"""The denied directory itself
Renames the directory that the deny list names.
policy: denied-paths
audit: explicitlyDeniedFile
alone: yes
"""
import os


def attack(at):
    os.rename('/tmp/secret', '/tmp/other')
    return not at.there('/tmp/secret')
