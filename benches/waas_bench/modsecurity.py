"""The peer ModSecurity with the OWASP Core Rule Set."""
import ctypes
import re
import time
import urllib.parse

from .install import CACHE, LeftOut, core_rule_set, libmodsecurity, load, shim
from .peer import Peer
from .rows import as_bytes, header_name


class ModSecurity(Peer):
    """libmodsecurity with the OWASP Core Rule Set as it comes: paranoia level 1, denied at a score of 5."""

    measured = "a transaction up to the request's last phase"

    class Intervention(ctypes.Structure):
        _fields_ = [("status", ctypes.c_int), ("pause", ctypes.c_int), ("url", ctypes.c_void_p), ("log", ctypes.c_void_p),
                    ("disruptive", ctypes.c_int)]

    def __init__(self, folder):
        pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        self.lib = load(libmodsecurity(), {
            "init": (pointer, []),
            "who_am_i": (text, [pointer]),
            "set_log_cb": (None, [pointer, pointer]),
            "create_rules_set": (pointer, []),
            "rules_add_file": (number, [pointer, text, ctypes.POINTER(text)]),
            "new_transaction": (pointer, [pointer, pointer, pointer]),
            "process_connection": (number, [pointer, text, number, text, number]),
            "process_uri": (number, [pointer, text, text, text]),
            "add_n_request_header": (number, [pointer, text, ctypes.c_size_t, text, ctypes.c_size_t]),
            "process_request_headers": (number, [pointer]),
            "append_request_body": (number, [pointer, text, ctypes.c_size_t]),
            "process_request_body": (number, [pointer]),
            "intervention": (number, [pointer, ctypes.POINTER(self.Intervention)]),
            "intervention_cleanup": (None, [ctypes.POINTER(self.Intervention)]),
            "get_rules_messages_rule_ids": (ctypes.c_size_t, [pointer, ctypes.POINTER(ctypes.c_int64), ctypes.c_size_t]),
            "transaction_cleanup": (None, [pointer]),
        }, prefix="msc_")
        setup, rules, version = core_rule_set(folder)
        CACHE.mkdir(parents=True, exist_ok=True)
        configuration = CACHE / "modsecurity.conf"
        configuration.write_text("\n".join([
            "SecRuleEngine On", "SecAuditEngine Off", "SecRequestBodyAccess On", "SecRequestBodyLimit 1048576",
            "SecRequestBodyNoFilesLimit 1048576",
            'SecRule REQUEST_HEADERS:Content-Type "@beginsWith application/json" '
            '"id:1,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"',
            "Include %s" % setup] + ["Include %s" % path for path in rules]) + "\n")
        self.engine = self.lib.msc_init()
        self.keep = shim()
        self.lib.msc_set_log_cb(self.engine, ctypes.cast(self.keep.ignore_log, pointer))
        self.rules = self.lib.msc_create_rules_set()
        error = text()
        if self.lib.msc_rules_add_file(self.rules, str(configuration).encode(), ctypes.byref(error)) < 0:
            raise LeftOut("libmodsecurity does not read the rules: %s" % (error.value or b"").decode(errors="replace").strip())
        who = re.search(r"v([\d.]+)", self.lib.msc_who_am_i(self.engine).decode())
        self.name = "OWASP CRS %s in libmodsecurity %s" % (version, who.group(1) if who else "")

    def judge(self, row):
        lib = self.lib
        method, uri, headers, body = self.request(row)
        intervention = self.Intervention(status=200)
        start = time.perf_counter_ns()
        transaction = lib.msc_new_transaction(self.engine, self.rules, None)
        lib.msc_process_connection(transaction, b"127.0.0.1", 34567, b"127.0.0.1", 80)
        lib.msc_process_uri(transaction, uri, method, b"1.1")
        for name, value in headers:
            lib.msc_add_n_request_header(transaction, name, len(name), value, len(value))
        lib.msc_process_request_headers(transaction)
        if body is not None:
            lib.msc_append_request_body(transaction, body, len(body))
        lib.msc_process_request_body(transaction)
        lib.msc_intervention(transaction, ctypes.byref(intervention))
        end = time.perf_counter_ns()
        classes = set()
        if intervention.disruptive:
            ids = (ctypes.c_int64 * 256)()
            count = lib.msc_get_rules_messages_rule_ids(transaction, ids, len(ids))
            classes = {self.class_of(number) for number in ids[:count]} - {None}
        lib.msc_intervention_cleanup(ctypes.byref(intervention))
        lib.msc_transaction_cleanup(transaction)
        return classes, (end - start) / 1000

    @staticmethod
    def class_of(rule):
        """Rules are numbered by what they look for; those of 949 add up."""
        kinds = {930: "lfi", 931: "lfi", 932: "cmdi", 933: "codei", 934: "codei", 941: "xss", 942: "sqli", 944: "codei",
                 949: None, 980: None}
        return kinds.get(rule // 1000, "other")

    def request(self, row):
        text, where = row["text"], row["where"]
        # A request without these loses points for that alone.
        headers = {"Host": b"api.example.com", "User-Agent": b"Mozilla/5.0 (X11; Linux x86_64)", "Accept": b"*/*"}
        uri, body = b"/", None
        if where == "raw":
            uri = b"/?value=" + urllib.parse.quote_plus(as_bytes(text)).encode()
        elif where == "query":
            # On the wire as it is, but for what a request line cannot carry.
            uri = b"/?" + re.sub(rb"[\x00-\x20#\x7f-\xff]", lambda byte: b"%%%02X" % byte.group()[0], as_bytes(text))
        elif where == "header":
            name = header_name(row)
            headers = {key: value for key, value in headers.items() if key.lower() != name.lower()}
            headers[name] = as_bytes(text)
        else:
            body = as_bytes(text)
            headers["Content-Type"] = b"application/json" if where == "json" else b"application/x-www-form-urlencoded"
            headers["Content-Length"] = b"%d" % len(body)
        return (b"GET" if body is None else b"POST"), uri, [(as_bytes(key), headers[key]) for key in headers], body
