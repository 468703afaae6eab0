"""Reading in a child
Reads in a forked child and sends it through a pipe.
policy: denied-reads
audit: explicitlyDeniedFile
"""
import os


def attack(at):
    reading, writing = os.pipe()
    at.in_child(lambda: os.write(writing, open(at.key, 'rb').read()))
    os.close(writing)
    return at.told(os.read(reading, 100))
