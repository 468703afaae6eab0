"""Code written into a file that is mapped privately
Maps a file privately to execute and writes machine code into the file afterwards.
policy: no-tampering
audit: none
works: no, the Defender gives code from files that can be written a copy of its own, under any rule
alone: yes
"""
import os


def attack(at):
    file = os.open("/tmp/work/written-private", os.O_RDWR | os.O_CREAT)
    os.write(file, b"\0" * 4096)
    running = at.syscall(9, 0, 4096, 5, 2, file, 0)
    os.lseek(file, 0, 0)
    os.write(file, at.own_code())
    # In a child: what is there without the machine code faults.
    return at.in_child(lambda: at.called(running))
