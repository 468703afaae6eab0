"""A child of a static program
Has an allowed program without libc start one that is not allowed.
policy: shell-only-static
stopped: no, nothing of ours is loaded into a static program: allow none that start others
"""
import subprocess


def attack(at):
    return at.ran(subprocess.check_output(['/var/task/static', 'run']))
