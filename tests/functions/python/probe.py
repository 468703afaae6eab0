"""Tries every way that Python has to start a program, one an event, and says whether the program ran.

The event is {"attack": NAME}; the answer {"ran": bool, "detail": str}. Valid for CPython 2.7 to 3.14.
"""
import ctypes
import errno
import os
import socket
import subprocess
import sys
import tempfile
import time

# The shell computes it, so that the text of the command itself is no proof of anything.
COMMAND = "echo ran-$((40 + 2))"
SHELL = ["/bin/sh", "-c", COMMAND]
PROOF = "ran-42"
ENVIRONMENT = {"PATH": "/usr/bin:/bin"}

libc = ctypes.CDLL(None, use_errno=True)
EXECVE, EXECVEAT, MEMFD_CREATE = (221, 281, 279) if os.uname()[4] == "aarch64" else (59, 322, 319)


def captured(start):
    """Runs `start` in a fork with its output in a file; returns output and how the fork ended."""
    with tempfile.TemporaryFile() as output:
        pid = os.fork()
        if pid == 0:
            try:
                os.dup2(output.fileno(), 1)
                start()
            except OSError as error:
                os.write(1, ("errno %s" % errno.errorcode[error.errno]).encode())
            finally:
                os._exit(77)
        _, status = os.waitpid(pid, 0)
        output.seek(0)
        return output.read().decode("utf-8", "replace") + " status %d" % status


def with_output(start):
    """Runs `start`, whose children write to our standard output, with that in a file."""
    with tempfile.TemporaryFile() as output:
        saved = os.dup(1)
        os.dup2(output.fileno(), 1)
        try:
            answer = start()
        finally:
            os.dup2(saved, 1)
            os.close(saved)
        output.seek(0)
        return output.read().decode("utf-8", "replace") + " answer %r" % (answer,)


def c_strings(texts):
    array = (ctypes.c_char_p * (len(texts) + 1))()
    for index, text in enumerate(texts):
        array[index] = text.encode()
    return array


def c_call(function, *arguments):
    """Calls a C function that does not return when it succeeds."""
    def start():
        ctypes.set_errno(0)
        function(*arguments)
        raise OSError(ctypes.get_errno() or errno.EIO, "returned")
    return captured(start)


def memory_file():
    """A descriptor of a program that is nowhere in the file system."""
    descriptor = libc.syscall(MEMFD_CREATE, b"probe", 0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "memfd_create")
    with open("/bin/sh", "rb") as program:
        content = program.read()
    while content:
        content = content[os.write(descriptor, content):]
    return descriptor


ARGUMENTS, VARIABLES = c_strings(SHELL), c_strings(["PATH=/usr/bin:/bin"])
HERE = -100


def os_popen():
    return os.popen(COMMAND).read()


def pty_spawn():
    import pty
    seen = []

    def read(descriptor):
        data = os.read(descriptor, 1024)
        seen.append(data)
        return data

    def start():
        parent = os.getpid()
        try:
            return pty.spawn(SHELL, read, lambda descriptor: b"")
        finally:
            # An exec that fails in the child would go on as a second copy of this function.
            if os.getpid() != parent:
                os._exit(77)
    with_output(start)
    return b"".join(seen).decode("utf-8", "replace")


def multiprocessing_spawn():
    import multiprocessing
    context = multiprocessing.get_context("spawn")
    path = tempfile.mktemp()
    process = context.Process(target=leave_mark, args=(path,))
    process.start()
    process.join(20)
    mark = open(path).read() if os.path.exists(path) else ""
    return "%s exit code %r" % (mark, process.exitcode)


def leave_mark(path):
    with open(path, "w") as mark:
        mark.write(PROOF)


ATTACKS = {
    "os.system": lambda: with_output(lambda: os.system(COMMAND)),
    "os.popen": os_popen,
    "os.execv": lambda: captured(lambda: os.execv(SHELL[0], SHELL)),
    "os.execve": lambda: captured(lambda: os.execve(SHELL[0], SHELL, ENVIRONMENT)),
    "os.execlp": lambda: captured(lambda: os.execlp("sh", *["sh"] + SHELL[1:])),
    "os.execvpe": lambda: captured(lambda: os.execvpe("sh", ["sh"] + SHELL[1:], ENVIRONMENT)),
    "os.spawnv": lambda: with_output(lambda: os.spawnv(os.P_WAIT, SHELL[0], SHELL)),
    "os.spawnlp": lambda: with_output(lambda: os.spawnlp(os.P_WAIT, "sh", *["sh"] + SHELL[1:])),
    "subprocess.call": lambda: with_output(lambda: subprocess.call(SHELL)),
    "subprocess.check_output": lambda: subprocess.check_output(SHELL).decode(),
    "subprocess.shell": lambda: subprocess.check_output(COMMAND, shell=True).decode(),
    "subprocess.path": lambda: subprocess.check_output(["sh"] + SHELL[1:]).decode(),
    "subprocess.clean": lambda: subprocess.check_output(SHELL, env={}, close_fds=True).decode(),
    "subprocess.preexec": lambda: subprocess.check_output(SHELL, preexec_fn=os.setsid).decode(),
    "pty.spawn": pty_spawn,
    "ctypes.execve": lambda: c_call(libc.execve, b"/bin/sh", ARGUMENTS, VARIABLES),
    "ctypes.execvp": lambda: c_call(libc.execvp, b"sh", ARGUMENTS),
    "ctypes.system": lambda: with_output(lambda: libc.system(COMMAND.encode())),
    "ctypes.syscall.execve": lambda: c_call(libc.syscall, EXECVE, b"/bin/sh", ARGUMENTS, VARIABLES),
    "ctypes.syscall.execveat": lambda: c_call(libc.syscall, EXECVEAT, HERE, b"/bin/sh", ARGUMENTS, VARIABLES, 0),
    "ctypes.fexecve": lambda: c_call(libc.fexecve, memory_file(), ARGUMENTS, VARIABLES),
    "ctypes.memfd.path": lambda: c_call(
        libc.execve, ("/proc/self/fd/%d" % memory_file()).encode(), ARGUMENTS, VARIABLES),
    "ctypes.execveat.empty": lambda: c_call(
        libc.syscall, EXECVEAT, memory_file(), b"", ARGUMENTS, VARIABLES, 0x1000),
}
if sys.version_info >= (3, 8):
    ATTACKS["os.posix_spawn"] = lambda: with_output(
        lambda: os.waitpid(os.posix_spawn(SHELL[0], SHELL, ENVIRONMENT), 0)[1])
    ATTACKS["os.posix_spawnp"] = lambda: with_output(
        lambda: os.waitpid(os.posix_spawnp("sh", ["sh"] + SHELL[1:], ENVIRONMENT), 0)[1])
if sys.version_info >= (3, 4):
    ATTACKS["multiprocessing.spawn"] = multiprocessing_spawn


def tabs():
    """One thing that each tab of a rule speaks of; names what was refused."""
    def connect():
        channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            channel.connect(("192.0.2.1", 9))
        finally:
            channel.close()

    def write():
        with open("/tmp/live", "w") as file:
            file.write("x")

    refused = []
    for name, attempt in [
        ("program", lambda: subprocess.check_output(SHELL)),
        ("connection", connect),
        ("file", write),
    ]:
        try:
            attempt()
        except (OSError, IOError) as error:
            refused.append(name if error.errno == errno.EACCES else str(error))
    return refused


def handler(event, context):
    if event["attack"] == "tabs":
        return tabs()
    if event["attack"] == "list":
        return sorted(ATTACKS)
    if event["attack"] == "none":
        return {"ran": False, "detail": "alive", "python": list(sys.version_info[:2])}
    if event["attack"] == "wait":
        time.sleep(event["seconds"])
        return {"ran": False, "detail": "waited"}
    if event["attack"] == "program":
        try:
            return {"ran": True, "detail": subprocess.check_output(event["command"]).decode()}
        except (OSError, subprocess.CalledProcessError) as error:
            return {"ran": False, "detail": str(error)}
    try:
        detail = ATTACKS[event["attack"]]()
    except (OSError, subprocess.CalledProcessError) as error:
        detail = "%s: %s" % (type(error).__name__, error)
    return {"ran": PROOF in detail, "detail": detail}
