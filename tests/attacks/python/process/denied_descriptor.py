"""A denied program by its descriptor
Opens it and executes the descriptor.
policy: denied-program
audit: explicitlyDeniedProcess
"""
import os


def attack(at):
    text = at.captured(lambda: at.libc.fexecve(os.open('/usr/bin/id', os.O_RDONLY), at.c_strings(['x']), at.VARIABLES))
    at.note(text)
    return b"uid=" in text
