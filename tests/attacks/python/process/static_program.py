"""A static program of one's own
Executes a program from /tmp that no library can be loaded into.
policy: no-programs
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output([at.copied('/var/task/static', '/tmp/work/static')]))
