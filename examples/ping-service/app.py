# -*- coding: utf-8 -*-
"""Is a host reachable? A small service behind an API Gateway HTTP API.

GET /reachable?host=example.com[&port=443]   opens a TCP connection and says how long that took
GET /reachable?host=example.com&method=icmp  asks ping(8), as the service did before it could do TCP

The second form holds the mistake that this example is about: the host goes into a shell command as it came.
"""

from __future__ import print_function

import json
import socket
import subprocess
import time

DEFAULT_PORT = 443
TIMEOUT_SECONDS = 2.0


def handler(event, context):
    query = event.get("queryStringParameters") or {}
    host = query.get("host", "")
    if not host:
        return answer(400, {"error": "the parameter host is missing"})
    if query.get("method") == "icmp":
        return answer(200, by_ping(host))
    try:
        port = int(query.get("port", DEFAULT_PORT))
    except ValueError:
        return answer(400, {"error": "the parameter port is not a number"})
    return answer(200, by_tcp(host, port))


def by_tcp(host, port):
    started = time.time()
    try:
        connection = socket.create_connection((host, port), TIMEOUT_SECONDS)
    except (socket.error, ValueError) as error:
        return {"host": host, "port": port, "reachable": False, "reason": str(error)}
    connection.close()
    return {"host": host, "port": port, "reachable": True, "milliseconds": round((time.time() - started) * 1000, 1)}


def by_ping(host):
    # Vulnerable: "127.0.0.1; id" is two commands to the shell.
    command = "ping -c 1 -W 1 " + host
    try:
        ping = subprocess.Popen(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        return {"host": host, "reachable": False, "reason": str(error)}
    output = ping.communicate()[0].decode("utf-8", "replace")
    return {"host": host, "reachable": ping.returncode == 0, "output": output}


def answer(status, body):
    print(json.dumps({"status": status, "host": body.get("host")}))
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
