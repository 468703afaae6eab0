"""Calls the layer's handler with each line of standard input, as a runtime client would, and prints what it answers."""
import json
import sys

import twistlock


class Context(object):
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:emulated"

    def __init__(self, number):
        self.aws_request_id = "request-%d" % number


for number, line in enumerate(sys.stdin):
    answer = twistlock.handler(json.loads(line), Context(number))
    # With the request's id, so that audits and answers can be told together.
    print(json.dumps({"answer": answer, "requestId": "request-%d" % number}))
    sys.stdout.flush()
