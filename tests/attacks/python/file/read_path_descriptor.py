"""Reading by a descriptor that is only a path
Opens with O_PATH and opens that for reading.
policy: denied-reads
audit: explicitlyDeniedFile
"""
import os


def attack(at):
    file = os.open(at.key, 0o10000000)
    return at.told(open('/proc/self/fd/%d' % file).read())
