"""The peer libddwaf."""
import ctypes
import json
import platform
import time
import urllib.parse

from .install import LeftOut, fail, load, package
from .peer import Peer
from .rows import as_bytes, form, header_name, parsed_json

DDTRACE = "ddtrace==4.16.0"


class Libddwaf(Peer):
    """The engine and the recommended rules that Datadog's Python tracer brings, fed as the tracer feeds them."""

    measured = "a context, and one evaluation of the decoded fields"
    CLASS_OF = {"sql_injection": "sqli", "nosql_injection": "sqli", "xss": "xss", "command_injection": "cmdi",
                "php_code_injection": "codei", "java_code_injection": "codei", "js_code_injection": "codei",
                "lfi": "lfi", "rfi": "lfi"}
    # The tracer cuts what it hands over.
    LONGEST, WIDEST, DEEPEST = 4096, 256, 20
    TIMEOUT_US = 10_000_000
    MATCH = 1

    def __init__(self):
        folder = package(DDTRACE) / "ddtrace" / "appsec"
        machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
        found = list(folder.glob("_ddwaf/libddwaf/%s/lib/libddwaf.so" % machine))
        if not found:
            raise LeftOut("%s has no libddwaf for %s" % (DDTRACE, machine))
        pointer, size, u64 = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint64
        self.lib = load(found[0], {
            "get_default_allocator": (pointer, []),
            "init": (pointer, [pointer, pointer]),
            "context_init": (pointer, [pointer, pointer]),
            "context_eval": (ctypes.c_int, [pointer, pointer, pointer, pointer, u64]),
            "context_destroy": (None, [pointer]),
            "object_from_json": (ctypes.c_bool, [pointer, ctypes.c_char_p, ctypes.c_uint32, pointer]),
            "object_destroy": (None, [pointer, pointer]),
            "object_set_map": (pointer, [pointer, ctypes.c_uint16, pointer]),
            "object_insert_key": (pointer, [pointer, ctypes.c_char_p, ctypes.c_uint32, pointer]),
            "object_set_array": (pointer, [pointer, ctypes.c_uint16, pointer]),
            "object_insert": (pointer, [pointer, pointer]),
            "object_set_string": (pointer, [pointer, ctypes.c_char_p, ctypes.c_uint32, pointer]),
            "object_set_signed": (pointer, [pointer, ctypes.c_int64]),
            "object_set_float": (pointer, [pointer, ctypes.c_double]),
            "object_set_bool": (pointer, [pointer, ctypes.c_bool]),
            "object_set_null": (pointer, [pointer]),
            "object_get_size": (size, [pointer]),
            "object_at_value": (pointer, [pointer, size]),
            "object_find": (pointer, [pointer, ctypes.c_char_p, size]),
            "object_get_string": (pointer, [pointer, ctypes.POINTER(size)]),
        }, prefix="ddwaf_")
        self.alloc = self.lib.ddwaf_get_default_allocator()
        rules = (folder / "rules.json").read_bytes()
        ruleset = self.object()
        if not self.lib.ddwaf_object_from_json(ruleset, rules, len(rules), self.alloc):
            raise LeftOut("libddwaf does not read the rules of %s" % DDTRACE)
        self.waf = self.lib.ddwaf_init(ruleset, None)
        self.lib.ddwaf_object_destroy(ruleset, self.alloc)
        if not self.waf:
            raise LeftOut("libddwaf does not start with the rules of %s" % DDTRACE)
        self.name = "libddwaf of %s, rules %s" % (DDTRACE.replace("==", " "), json.loads(rules)["metadata"]["rules_version"])

    def judge(self, row):
        data, result = self.object(), self.object()
        self.fill(ctypes.addressof(data), self.fields(row), 0)
        start = time.perf_counter_ns()
        context = self.lib.ddwaf_context_init(self.waf, self.alloc)
        code = self.lib.ddwaf_context_eval(context, data, self.alloc, result, self.TIMEOUT_US)
        end = time.perf_counter_ns()
        if code < 0:
            fail("libddwaf answers %d for a row of %s" % (code, row["source"]))
        classes = self.classes(result) if code == self.MATCH else set()
        self.lib.ddwaf_object_destroy(result, self.alloc)
        self.lib.ddwaf_context_destroy(context)
        return classes, (end - start) / 1000

    @staticmethod
    def object():
        return ctypes.create_string_buffer(16)

    def fields(self, row):
        """The addresses that the tracer would fill."""
        text, where = row["text"], row["where"]
        if where == "raw":
            return {"server.request.query": {"value": [text]},
                    "server.request.uri.raw": "/?value=" + urllib.parse.quote_plus(text)}
        if where == "query":
            return {"server.request.query": form(text), "server.request.uri.raw": "/?" + text}
        if where == "body":
            return {"server.request.body": form(text)}
        if where == "json":
            return {"server.request.body": parsed_json(text)}
        name = header_name(row).lower()
        if name == "cookie":
            pairs = [pair.partition("=") for pair in text.split(";")]
            return {"server.request.cookies": {key.strip(): value for key, _, value in pairs}}
        return {"server.request.headers.no_cookies": {name: text}}

    def fill(self, target, value, depth):
        lib, alloc = self.lib, self.alloc
        if isinstance(value, dict):
            pairs = list(value.items())[:self.WIDEST] if depth < self.DEEPEST else []
            lib.ddwaf_object_set_map(target, len(pairs), alloc)
            for key, inner in pairs:
                key = as_bytes(key)[:self.LONGEST]
                self.fill(lib.ddwaf_object_insert_key(target, key, len(key), alloc), inner, depth + 1)
        elif isinstance(value, list):
            values = value[:self.WIDEST] if depth < self.DEEPEST else []
            lib.ddwaf_object_set_array(target, len(values), alloc)
            for inner in values:
                self.fill(lib.ddwaf_object_insert(target, alloc), inner, depth + 1)
        elif isinstance(value, bool):
            lib.ddwaf_object_set_bool(target, value)
        elif isinstance(value, int) and -2 ** 63 <= value < 2 ** 63:
            lib.ddwaf_object_set_signed(target, value)
        elif isinstance(value, (int, float)):
            lib.ddwaf_object_set_float(target, float(value))
        elif value is None:
            lib.ddwaf_object_set_null(target)
        else:
            value = as_bytes(value)[:self.LONGEST]
            lib.ddwaf_object_set_string(target, value, len(value), alloc)

    def classes(self, result):
        lib = self.lib
        events = lib.ddwaf_object_find(result, b"events", 6)
        found = set()
        for index in range(lib.ddwaf_object_get_size(events)):
            kind = lib.ddwaf_object_at_value(events, index)
            for key in [b"rule", b"tags", b"type"]:
                kind = lib.ddwaf_object_find(kind, key, len(key)) if kind else None
            length = ctypes.c_size_t()
            at = lib.ddwaf_object_get_string(kind, ctypes.byref(length)) if kind else None
            found.add(self.CLASS_OF.get(ctypes.string_at(at, length.value).decode() if at else "", "other"))
        return found
