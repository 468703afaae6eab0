"""A child with another library preloaded
Preloads a library of one's own into an allowed program; its constructor asks the kernel itself, before anything of ours may be there.
policy: shell-only
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(["/bin/sh", "-c", "true"], env={"LD_PRELOAD": "/var/task/preload.so"}, stderr=subprocess.STDOUT)
    at.note(text)
    return b"uid=" in text
