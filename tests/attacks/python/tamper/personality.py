"""personality
Asks for readable memory to be executable, too.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes
import mmap


def attack(at):
    at.syscall(135, 0x0400000)
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    memory.write(at.own_code())
    return at.called(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
