"""The Defender in front of a Python function: set the handler to `twistlock.handler` and ORIGINAL_HANDLER to the
handler that the function had.

As little as possible happens here; the Defender is in libdefender.so. Valid for CPython 2.7 to 3.14.
"""
import ctypes
import json
import os
import sys

_PROTECTING, _DISABLED, _MUST_NOT_RUN = 0, 1, 2
_PREVENT, _EVENT_WANTED, _REPLACED = 1, 2, 3


class _Out(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("len", ctypes.c_size_t)]


def _log(fields):
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def _is_set(name):
    return os.environ.get(name, "").strip().lower() in ("true", "1", "yes", "on")


def _start():
    """Loads and starts the Defender; None if it does not protect this function."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(here, os.pardir, os.pardir, "twistlock", "libdefender.so")
    try:
        library = ctypes.CDLL(os.path.normpath(path))
    except OSError as error:
        fail_closed = _is_set("TW_FAIL_CLOSED")
        _log({"gambeson": "disabled", "defender": "disabled", "failClosed": fail_closed,
              "reason": "the Defender's library cannot be loaded: %s; use the layer for this runtime and architecture"
                        % error})
        status = _MUST_NOT_RUN if fail_closed else _DISABLED
    else:
        library.defender_start.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        library.defender_begin.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t,
                                           ctypes.c_void_p]
        library.defender_end.argtypes = library.defender_free.argtypes = [ctypes.c_void_p]
        library.defender_free.restype = None
        version = "%d.%d.%d" % sys.version_info[:3]
        status = library.defender_start(b"python", version.encode("ascii"))
    if status == _MUST_NOT_RUN:
        raise RuntimeError("the Defender could not start and TW_FAIL_CLOSED is set; the log line before this says why")
    return library if status == _PROTECTING else None


def _original():
    """The function's own handler, found and failing as the runtime client would without the layer."""
    name = os.environ.get("ORIGINAL_HANDLER", "")
    if not name:
        raise RuntimeError("ORIGINAL_HANDLER is not set: set it to the handler that the function had, "
                           "such as app.handler")
    # The function's code may look at it.
    os.environ["_HANDLER"] = name
    for client in ("awslambdaric.bootstrap", "bootstrap", "__main__"):
        find = getattr(sys.modules.get(client), "_get_handler", None)
        if find is not None:
            return find(name)
    module, _, attribute = name.rpartition(".")
    if not module:
        raise ValueError("Bad handler '%s': it has no module and function" % name)
    import importlib
    return getattr(importlib.import_module(module.replace("/", ".")), attribute)


def _context(context):
    """What the Defender wants to know of the invocation, as JSON."""
    request = getattr(context, "aws_request_id", None)
    arn = getattr(context, "invoked_function_arn", None)
    return json.dumps({"requestId": request, "invokedFunctionArn": arn}).encode("utf-8")


def _take(library, out):
    """The text in `out`, given back to the library."""
    text = ctypes.string_at(out.data, out.len).decode("utf-8")
    library.defender_free(ctypes.byref(out))
    return json.loads(text)


def _protect(library, original):
    begin, end, byref = library.defender_begin, library.defender_end, ctypes.byref

    def handler(event, context):
        about = _context(context)
        out = _Out()
        verdict = begin(None, 0, about, len(about), byref(out))
        if verdict == _EVENT_WANTED:
            text = json.dumps(event, separators=(",", ":")).encode("utf-8")
            verdict = begin(text, len(text), about, len(about), byref(out))
        try:
            if verdict == _PREVENT:
                return _take(library, out)
            if verdict == _REPLACED:
                event = _take(library, out)
            return original(event, context)
        finally:
            end(None)

    handler.__wrapped__ = original
    return handler


_library = _start()
handler = _original()
if _library is not None:
    handler = _protect(_library, handler)
