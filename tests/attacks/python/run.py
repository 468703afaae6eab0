"""The function that attacks: one technique an event, as the event names it. Valid for CPython 2.7 and later.

A technique is a file with a function `attack(at)`; it returns whether what it wanted has happened.
"""
import sys
import traceback

import at


def handler(event, context):
    name = event["technique"]
    at.begin(name, event["token"])
    scope = {"__name__": "technique", "__file__": "/var/task/%s.py" % name}
    try:
        with open(scope["__file__"]) as source:
            exec(compile(source.read(), scope["__file__"], "exec"), scope)
        return {"worked": bool(scope["attack"](at)), "detail": "; ".join(at.notes)}
    except Exception as error:
        at.notes.append("%s: %s" % (type(error).__name__, error))
        line = traceback.extract_tb(sys.exc_info()[2])[-1]
        return {"worked": False, "detail": "; ".join(at.notes) + " (line %s of %s)" % (line[1], line[0])}
