"""Memory made executable
Writes machine code first and makes the memory executable then, under advancedProtection.
policy: advanced
audit: policyHijacked
"""
import ctypes


def attack(at):
    memory = at.syscall(9, 0, 4096, 3, 0x22, -1, 0)
    ctypes.memmove(memory, at.own_code(), len(at.own_code()))
    at.syscall(10, memory, 4096, 5)
    return at.called(memory)
