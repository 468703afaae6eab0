"""Machine code in anonymous memory
Writes machine code with its own system-call instruction into new memory and runs it.
policy: no-programs
stopped: no, it passes no place that can be taken over: advancedProtection refuses such memory to Python
"""
import ctypes
import mmap


def attack(at):
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(at.own_code())
    return at.called(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
