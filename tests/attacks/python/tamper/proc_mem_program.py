"""/proc/PID/mem of the function, by an allowed program
Has dd, which is allowed, write into the function's memory.
policy: allowed-dd
audit: policyHijacked
alone: yes
"""
import os
import subprocess


def attack(at):
    page, original, offset = at.patched_page()
    with open("/tmp/work/page", "wb") as file:
        file.write(original)
    subprocess.call(["/usr/bin/dd", "if=/tmp/work/page", "of=/proc/%d/mem" % os.getpid(), "bs=4096", "count=1", "conv=notrunc",
                     "seek=%d" % (page // 4096)])
    return at.restored(page, original)
