"""Runs before everything else, so before the Defender: makes the files that a rule would not let the function make."""
import os


def prepare():
    # Only in the function itself, not in every interpreter that it starts.
    if os.path.isdir("/tmp/secret"):
        return
    for folder in ("/tmp/work", "/tmp/secret", "/tmp/secret/folder", "/tmp/secret/empty"):
        os.mkdir(folder)
    for category in ("file", "process", "tamper"):
        folder = "/var/task/%s" % category
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            with open("/tmp/secret/%s.key" % name.split(".")[0], "w") as secret:
                secret.write("the secret is 1234\n")


try:
    prepare()
except (IOError, OSError):
    pass
