"""A child with another C library
Points LD_LIBRARY_PATH of an allowed program to a copy of libc.
policy: shell-only
audit: unexpectedProcess
"""
import os
import subprocess


def attack(at):
    os.mkdir("/tmp/work/lib")
    at.copied(at.libc_path(), "/tmp/work/lib/libc.so.6")
    text = subprocess.check_output(
        ["/bin/sh", "-c", "/usr/bin/id; true"], env={"LD_LIBRARY_PATH": "/tmp/work/lib"}, stderr=subprocess.STDOUT)
    at.note(text)
    return b"uid=" in text
