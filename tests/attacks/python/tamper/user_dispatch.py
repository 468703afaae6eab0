"""Syscall user dispatch
Has the kernel hand every system call to a signal handler of one's own, outside of a range.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes


def attack(at):
    selector = ctypes.create_string_buffer(1)
    return at.syscall(157, 59, 1, 0, 0, ctypes.c_long(ctypes.addressof(selector))) == 0
