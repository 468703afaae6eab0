"""A symbolic link with an allowed name
Executes a link called echo that leads to a shell.
policy: listed-programs
audit: unexpectedProcess
"""
import os
import subprocess


def attack(at):
    os.mkdir("/tmp/work/links")
    os.symlink("/bin/sh", "/tmp/work/links/echo")
    return at.ran(subprocess.check_output(["/tmp/work/links/echo"] + at.SHELL[1:]))
