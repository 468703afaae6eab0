"""A runtime client for Python 2.7, for which none is published.

It looks handlers up, calls them and reports errors as the published clients do for later versions.
Usage: bootstrap.py LAYERS, where LAYERS is the directory of the layers (/opt).
"""

from __future__ import print_function

import decimal
import httplib
import importlib
import json
import os
import sys
import time
import traceback

API = "/2018-06-01/runtime/"


class Unbuffered(object):
    """A stream whose every write arrives at once: a crash must not take the log with it."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text):
        self.stream.write(text)
        self.stream.flush()

    def writelines(self, lines):
        self.stream.writelines(lines)
        self.stream.flush()

    def __getattr__(self, name):
        return getattr(self.stream, name)


class Fault(Exception):
    """A function that cannot be loaded, with Lambda's name for the reason."""

    def __init__(self, kind, message, trace=()):
        Exception.__init__(self, message)
        self.kind = kind
        self.trace = list(trace)


class Client(object):
    """The Runtime API over one connection that is kept."""

    def __init__(self, address):
        # No time limit: the sandbox is frozen while this waits.
        self.connection = httplib.HTTPConnection(address)

    def next(self):
        self.connection.request("GET", API + "invocation/next")
        answer = self.connection.getresponse()
        return answer, answer.read()

    def post(self, path, body, headers=None):
        self.connection.request("POST", API + path, body, headers or {})
        self.connection.getresponse().read()

    def post_error(self, path, error):
        self.post(path, json.dumps(error), {"Lambda-Runtime-Function-Error-Type": error["errorType"]})


class Identity(object):
    def __init__(self, fields):
        self.cognito_identity_id = fields.get("cognitoIdentityId")
        self.cognito_identity_pool_id = fields.get("cognitoIdentityPoolId")


class Context(object):
    """The second argument of a handler."""

    def __init__(self, headers):
        self.aws_request_id = headers.getheader("Lambda-Runtime-Aws-Request-Id")
        self.invoked_function_arn = headers.getheader("Lambda-Runtime-Invoked-Function-Arn")
        self.deadline_ms = int(headers.getheader("Lambda-Runtime-Deadline-Ms"))
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = Identity(json.loads(headers.getheader("Lambda-Runtime-Cognito-Identity", "{}")))
        self.client_context = None

    def get_remaining_time_in_millis(self):
        return max(self.deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(message)


def load(handler):
    if "." not in handler:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '{}': need more than 1 value to unpack".format(handler))
    module, name = handler.rsplit(".", 1)
    if module.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", "Cannot use built-in module {} as a handler module".format(module))
    try:
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '{}': {}".format(module, error))
    except SyntaxError as error:
        where = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '{}': {}".format(module, error), [where])
    if not hasattr(loaded, name):
        raise Fault("Runtime.HandlerNotFound", "Handler '{}' missing on module '{}'".format(name, module))
    return getattr(loaded, name)


def describe(error, request_id=""):
    """An exception that is being handled, as Lambda reports it."""
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    else:
        kind = type(error).__name__
        frames = traceback.extract_tb(sys.exc_info()[2])
        # The frames of this file say nothing to the function's author.
        trace = traceback.format_list([frame for frame in frames if frame[0] != __file__])
    try:
        message = str(error)
    except UnicodeError:
        message = unicode(error)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def report(error):
    lines = ["[ERROR] {}: {}".format(error["errorType"], error["errorMessage"].encode("utf-8"))]
    if error["stackTrace"]:
        lines += ["Traceback (most recent call last):"] + error["stackTrace"]
    print("\n".join(lines))


def as_json(value):
    """What json cannot write by itself, as Lambda's clients write it."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError("Object of type {} is not JSON serializable".format(type(value).__name__))


def respond(client, handler, answer, body):
    request_id = answer.msg.getheader("Lambda-Runtime-Aws-Request-Id")
    os.environ["_X_AMZN_TRACE_ID"] = answer.msg.getheader("Lambda-Runtime-Trace-Id", "")
    try:
        try:
            event = json.loads(body)
        except ValueError as error:
            raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: {}".format(error))
        result = handler(event, Context(answer.msg))
        try:
            result = json.dumps(result, default=as_json)
        except (TypeError, ValueError, UnicodeError) as error:
            raise Fault("Runtime.MarshalError", "Unable to marshal response: {}".format(error))
    except Exception as error:
        described = describe(error, request_id)
        report(described)
        client.post_error("invocation/{}/error".format(request_id), described)
    else:
        client.post("invocation/{}/response".format(request_id), result, {"Content-Type": "application/json"})


def search_path(layers):
    if "PYTHONPATH" not in os.environ:
        sys.path.insert(0, os.path.join(layers, "python"))
        sys.path.insert(0, os.path.join(layers, "python", "lib", "python2.7", "site-packages"))
        # For the function's child processes.
        os.environ["PYTHONPATH"] = os.environ["LAMBDA_RUNTIME_DIR"]
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])


def main():
    search_path(sys.argv[1])
    sys.stdout = Unbuffered(sys.stdout)
    sys.stderr = Unbuffered(sys.stderr)
    client = Client(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:
        described = describe(error)
        report(described)
        client.post_error("init/error", described)
        sys.exit(1)
    while True:
        answer, body = client.next()
        respond(client, handler, answer, body)


if __name__ == "__main__":
    main()
