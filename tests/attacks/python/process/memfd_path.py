"""A program in memory, by its path in /proc
The same through /proc/self/fd.
policy: no-programs
audit: unexpectedProcess
"""
import os


def attack(at):
    return at.ran(at.captured(lambda: os.execv('/proc/self/fd/%d' % at.memory_file(at.read('/bin/sh')), at.SHELL)))
