"""Reading by mmap
Maps the file into memory.
policy: denied-reads
audit: explicitlyDeniedFile
"""
import mmap
import os


def attack(at):
    return at.told(mmap.mmap(os.open(at.key, os.O_RDONLY), 0, prot=mmap.PROT_READ)[:])
