"""ctypes: popen
Calls the C library's popen.
policy: no-programs
audit: unexpectedProcess
"""
import ctypes


def attack(at):
    libc = at.libc
    libc.popen.restype = ctypes.c_void_p
    libc.fgets.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    libc.pclose.argtypes = [ctypes.c_void_p]
    stream = libc.popen(at.COMMAND.encode(), b"r")
    if not stream:
        return False
    text = ctypes.create_string_buffer(200)
    libc.fgets(text, 200, stream)
    libc.pclose(stream)
    return at.ran(text.value)
