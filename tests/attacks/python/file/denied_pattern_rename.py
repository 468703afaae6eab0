"""A new name that a pattern denies
Gives a file the name later, by rename.
policy: denied-pattern
audit: explicitlyDeniedFile
"""
import os


def attack(at):
    open('/tmp/secret/plain', 'w').write('changed')
    os.rename('/tmp/secret/plain', at.key)
    return at.written()
