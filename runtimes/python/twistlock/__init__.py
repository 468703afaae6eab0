"""Starts Gambeson's Defender, then runs the function's original handler under it.

One source for CPython 2.7 and 3.6 to 3.14. It only passes things on: everything that decides is in libdefender.so.
"""

import os
import sys


class DefenderError(Exception):
    """The function must not run: it asked for that, with TW_FAIL_CLOSED, or it is not set up."""


def _load():
    """Starts the Defender, then imports the original handler: its module's code already runs under the rules."""
    original = os.environ.get("ORIGINAL_HANDLER")
    if not original:
        raise DefenderError(
            "ORIGINAL_HANDLER is not set: set it to the handler that the function had before twistlock.handler, "
            "for example ORIGINAL_HANDLER=app.handler")
    library = _start()
    # What reads _HANDLER to know the function's module (tracing, frameworks) must see the function's, not this one.
    os.environ["_HANDLER"] = original
    handler = _import(original)
    return handler if library is None else _wrap(handler, library)


def _start():
    """Gives the library if it protects the function, None if the function runs without."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(os.path.dirname(os.path.dirname(here)), "twistlock", "libdefender.so")
    try:
        library = _library(path)
    except Exception as error:  # whatever is wrong with the layer, the function is not to suffer from it
        return _without(str(error))
    status = library.start(b"python", ("%d.%d.%d" % sys.version_info[:3]).encode("ascii"))
    if status == 2:
        raise DefenderError("the Defender could not start and TW_FAIL_CLOSED is true: the line before says why")
    return library if status == 0 else None


def _library(path):
    """The library is an extension module: to import ctypes would take longer than the Defender to start."""
    name = __name__ + ".libdefender"
    if sys.version_info[0] == 2:
        import imp
        return imp.load_dynamic(name, path)
    from importlib.machinery import ExtensionFileLoader, ModuleSpec
    loader = ExtensionFileLoader(name, path)
    module = loader.create_module(ModuleSpec(name, loader, origin=path))
    loader.exec_module(module)
    return module


def _without(reason):
    """Says why there is no Defender, in the form in which it would itself."""
    import json
    sys.stdout.write(json.dumps({"gambeson": "disabled", "defender": "disabled", "reason": reason}) + "\n")
    sys.stdout.flush()
    if os.environ.get("TW_FAIL_CLOSED", "").strip().lower() == "true":
        raise DefenderError("the Defender could not be loaded and TW_FAIL_CLOSED is true: " + reason)


def _import(original):
    """The original handler, found by the runtime client's own function, so that a missing or broken one gives the errors
    that it gives without this layer. Clients without such a function get the exceptions as they come."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "_get_handler" and "_get_handler" in frame.f_globals:
            return frame.f_globals["_get_handler"](original)
        frame = frame.f_back

    import importlib
    if "." not in original:
        raise DefenderError("Bad handler '%s': it names no module and function, as in app.handler" % original)
    module, name = original.rsplit(".", 1)
    module = importlib.import_module(module.replace("/", "."))
    if not hasattr(module, name):
        raise DefenderError("Handler '%s' missing on module '%s'" % (name, module.__name__))
    return getattr(module, name)


def _wrap(original, library):
    from json import dumps, loads

    begin, end = library.begin, library.end

    def decide(event, context):
        """Whether the handler runs, and the event for it or the answer instead of it."""
        about = dumps({"requestId": getattr(context, "aws_request_id", None),
                       "invokedFunctionArn": getattr(context, "invoked_function_arn", None)}).encode("utf-8")
        verdict, data = begin(None, about)
        if verdict == 2:
            # Objects that JSON lacks come only from callers other than Lambda; their text is what can be inspected.
            text = dumps(event, separators=(",", ":"), default=str).encode("utf-8")
            verdict, data = begin(text, about)
        if verdict != 1 and verdict != 3:
            return True, event
        return verdict == 3, None if data is None else loads(data.decode("utf-8"))

    def handler(event, context):
        runs, given = decide(event, context)
        try:
            return original(given, context) if runs else given
        finally:
            end()

    if hasattr(handler.__code__, "replace"):
        # The client leaves its own frames, known by this file name, out of a stack trace that it reports: ours go with them.
        handler.__code__ = handler.__code__.replace(co_filename=os.path.join(os.path.dirname(__file__), "bootstrap.py"))
    handler.__wrapped__ = original
    return handler


handler = _load()
