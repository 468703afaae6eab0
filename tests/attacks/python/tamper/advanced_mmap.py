"""New executable memory
Maps anonymous memory to write and execute, under advancedProtection.
policy: advanced
audit: policyHijacked
"""
import ctypes
import mmap


def attack(at):
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(at.own_code())
    return at.called(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
