"""The smallest function: what is measured is everything around it, and two calls as a function makes them."""
import os
import socket
import time


def handler(event, context):
    if "measureCalls" in event:
        return {"openCloseUs": fastest_tenth(open_close, event["measureCalls"]),
                "connectUs": fastest_tenth(connect, event["measureCalls"])}
    return {"statusCode": 200, "body": "ok"}


def open_close():
    open("/dev/null", "rb", 0).close()


UNIX = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)


def connect():
    try:
        UNIX.connect("/var/task/nobody-listens")
    except OSError:
        pass


def fastest_tenth(call, count, batch=200):
    """µs per call: batches that something else interrupted are left out."""
    times = []
    for _ in range(count // batch):
        started = time.perf_counter()
        for _ in range(batch):
            call()
        times.append((time.perf_counter() - started) / batch * 1e6)
    times.sort()
    return times[len(times) // 10]
