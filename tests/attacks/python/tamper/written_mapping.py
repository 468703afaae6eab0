"""Code written into a mapped file
Maps a file to execute and writes machine code with write afterwards.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import os


def attack(at):
    file = os.open('/tmp/work/written', os.O_RDWR | os.O_CREAT)
    os.write(file, b'\0' * 4096)
    running = at.syscall(9, 0, 4096, 5, 1, file, 0)
    os.lseek(file, 0, 0)
    os.write(file, at.own_code())
    return at.called(running)
