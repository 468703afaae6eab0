"""A script with an interpreter line
Executes a text file whose first line names the shell.
policy: no-programs
audit: unexpectedProcess
"""
import os
import subprocess


def attack(at):
    path = "/tmp/work/script"
    with open(path, "w") as script:
        script.write("#!/bin/sh\n%s\n" % at.COMMAND)
    os.chmod(path, 0o755)
    return at.ran(subprocess.check_output([path]))
