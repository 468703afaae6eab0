"""The same function behind Aikido Zen, set up as its documentation says, blocking.

Zen for Python looks at calls only while a web framework handles a request (its `aws_lambda.protect` hands the handler back as
it is), so each technique runs inside a request to Flask, and what it uses of commands, paths, hosts and names is the
user's input of that request.
"""
import aikido_zen

aikido_zen.protect()

import flask  # noqa: E402: what the peer is to wrap is imported after it

import at  # noqa: E402
import run  # noqa: E402

app = flask.Flask("attacked")
started = []


@app.route("/", methods=["POST"])
def attacked():
    request = flask.request.get_json()
    return flask.jsonify(run.handler(request, None))


def handler(event, context):
    if not started:
        # It prepares at the first request.
        app.test_client().get("/")
        started.append(True)
    name = event["technique"].split("/")[1]
    inputs = [at.COMMAND, "/bin/sh", "/tmp/secret/%s.key" % name, "/tmp/work/../secret/%s.key" % name, at.FOE, at.FOE6,
              "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "%s.evil.test" % event["token"],
              "http://%s:8080/%s" % (at.FOE, event["token"]), "http://169.254.169.254/", "http://%s/" % at.FOE]
    answer = app.test_client().post("/?input=" + at.COMMAND, json=dict(event, inputs=inputs))
    if answer.status_code != 200:
        return {"worked": False, "detail": "status %d" % answer.status_code}
    return answer.get_json()
