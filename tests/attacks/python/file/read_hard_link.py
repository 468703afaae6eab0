"""Reading by a hard link
Gives the file a second name and reads that.
policy: denied-reads
audit: explicitlyDeniedFile
"""
import os


def attack(at):
    os.link(at.key, '/tmp/work/read-hard')
    return at.told(open('/tmp/work/read-hard').read())
