"""A child with an auditor of the dynamic loader
Gives LD_AUDIT a library of one's own, which the loader runs before all others.
policy: shell-only
audit: none
"""
import subprocess


def attack(at):
    text = subprocess.check_output(["/bin/sh", "-c", "true"], env={"LD_AUDIT": "/var/task/preload.so"}, stderr=subprocess.STDOUT)
    at.note(text)
    return b"uid=" in text
