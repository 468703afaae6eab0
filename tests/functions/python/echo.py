"""Answers with what it was given, so that a test sees what reached the handler."""


def handler(event, context):
    return {"handled": event}
