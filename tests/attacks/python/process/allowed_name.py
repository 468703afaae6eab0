"""An allowed name in /tmp
Puts a program of one's own under an allowed program's name.
policy: listed-programs
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output([at.copied('/bin/sh', '/tmp/work/echo')] + at.SHELL[1:]))
