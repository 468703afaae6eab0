"""The peer libinjection."""
import ctypes

from .install import LIBMODSECURITY, libmodsecurity, load, shim
from .peer import Peer
from .rows import values


class Libinjection(Peer):
    """The C library, asked for SQL and for XSS over every decoded key and value."""

    name = "libinjection 4 in %s" % LIBMODSECURITY.replace("==", " ")
    measured = "both questions over every decoded key and value"

    def __init__(self):
        lib = load(libmodsecurity(), {"libinjection_sqli": (ctypes.c_int, []), "libinjection_xss": (ctypes.c_int, [])})
        self.functions = [ctypes.cast(lib.libinjection_sqli, ctypes.c_void_p), ctypes.cast(lib.libinjection_xss, ctypes.c_void_p)]
        self.call = shim().libinjection_judge

    def judge(self, row):
        classes, us, _ = self.look(values(row))
        return classes, us

    def look(self, texts):
        count = len(texts)
        found, fingerprint = ctypes.c_int(), ctypes.create_string_buffer(9)
        ns = self.call(self.functions[0], self.functions[1], (ctypes.c_char_p * count)(*texts),
                       (ctypes.c_size_t * count)(*map(len, texts)), ctypes.c_size_t(count), ctypes.byref(found), fingerprint)
        classes = {name for bit, name in [(1, "sqli"), (2, "xss")] if found.value & bit}
        return classes, ns / 1000, fingerprint.value.decode("latin-1")
