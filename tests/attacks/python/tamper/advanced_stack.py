"""The stack made executable
Runs machine code on the heap after mprotect, under advancedProtection.
policy: advanced
audit: policyHijacked
"""
import ctypes


def attack(at):
    memory = ctypes.create_string_buffer(at.own_code(), 8192)
    page = ctypes.addressof(memory) & ~4095
    at.syscall(10, page, 8192, 7)
    return at.called(ctypes.addressof(memory))
