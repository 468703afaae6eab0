# Runs in CPython 2.7 and 3.6 to 3.13: takes the process over while threads run, then tries what programs do.
import ctypes
import errno
import os
import subprocess
import sys
import threading
import time

library = ctypes.CDLL(sys.argv[1])
done = []
failures = []


def hammer():
    try:
        while not done:
            with open("/proc/self/comm") as comm:
                assert comm.read()
            time.sleep(0.0001)
    except Exception as error:
        failures.append(repr(error))


threads = [threading.Thread(target=hammer) for _ in range(4)]
for thread in threads:
    thread.start()
sites = library.inside_start()
assert sites > 200, sites
time.sleep(0.05)

# Refused, in every way to start a program.
try:
    subprocess.call(["/bin/true"])
    assert False, "it ran"
except OSError as error:
    assert error.errno == errno.EACCES, error
try:
    os.execv("/bin/true", ["true"])
except OSError as error:
    assert error.errno == errno.EACCES, error
assert os.system("exit 0") != 0
libc = ctypes.CDLL(None, use_errno=True)
argv = (ctypes.c_char_p * 2)(b"true", None)
assert libc.execve(b"/bin/true", argv, None) == -1
assert libc.syscall(59, b"/bin/true", argv, None) == -1
assert ctypes.get_errno() == errno.EACCES
assert libc.syscall(322, -100, b"/bin/true", argv, None, 0) == -1
if hasattr(os, "posix_spawn"):
    try:
        os.posix_spawn("/bin/true", ["true"], {})
        assert False, "it ran"
    except OSError as error:
        assert error.errno == errno.EACCES, error
assert library.inside_seen() >= 3

# Allowed.
library.inside_answer(0)
assert subprocess.call(["/bin/true"]) == 0
assert subprocess.check_output(["/bin/echo", "hello"]).strip() == b"hello"
assert os.system("exit 0") == 0

# The rest of the world goes on: libraries are loaded, processes fork, sockets connect.
import json, socket, hashlib  # noqa: E401,F401,E402

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1)
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()
client.sendall(b"ping")
assert server.recv(4) == b"ping"
child = os.fork()
if child == 0:
    os._exit(7)
assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 7

done.append(True)
for thread in threads:
    thread.join()
assert not failures, failures
print("held")
