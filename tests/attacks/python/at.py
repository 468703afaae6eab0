"""What techniques share. Valid for CPython 2.7 and later."""
import ctypes
import errno
import os
import socket
import struct
import sys
import tempfile
import threading
import time

# The shell computes it, so that the text of the command itself is no proof of anything.
COMMAND = "echo ran-$((40 + 2))"
SHELL = ["/bin/sh", "-c", COMMAND]
PROOF = "ran-42"
SECRET = "the secret is 1234\n"
FRIEND, FOE, FOE6, FOREIGN_RESOLVER = "203.0.113.80", "203.0.113.81", "fd00:81::1", "203.0.113.53"
RESOLVER = "127.0.0.53"
PORT = 4444
HERE = -100

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
notes = []
token = b""
name = ""
key = ""


def begin(technique, text):
    """Sets the stage for one technique."""
    global token, name, key
    del notes[:]
    token, name = text.encode("ascii"), technique.split("/")[1]
    key = "/tmp/secret/%s.key" % name
    os.chdir("/tmp")


def note(text):
    notes.append(str(text))


def failed(what):
    number = ctypes.get_errno()
    return OSError(number, "%s: %s" % (what, errno.errorcode.get(number, number)))


def checked(result, what):
    if result in (-1, 2 ** 64 - 1):
        raise failed(what)
    return result


def syscall(number, *arguments):
    """A system call by its number, through libc's syscall()."""
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    ctypes.set_errno(0)
    return checked(libc.syscall(ctypes.c_long(number), *wide), "system call %d" % number)


# Processes.

def ran(text):
    """Whether the output is the command's."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    note(text.strip()[:200])
    return PROOF in text


def captured(start):
    """What `start`, which becomes another program, prints: in a fork, its output in a file."""
    with tempfile.TemporaryFile() as output:
        pid = os.fork()
        if pid == 0:
            try:
                os.dup2(output.fileno(), 1)
                start()
            except BaseException as error:
                os.write(1, str(error).encode("utf-8"))
            finally:
                os._exit(77)
        os.waitpid(pid, 0)
        output.seek(0)
        return output.read()


def with_output(start):
    """What the children of `start` print to our standard output."""
    with tempfile.TemporaryFile() as output:
        saved = os.dup(1)
        os.dup2(output.fileno(), 1)
        try:
            note(start())
        finally:
            os.dup2(saved, 1)
            os.close(saved)
        output.seek(0)
        return output.read()


def in_child(work):
    """Whether `work` is true in a forked child."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if work() else 1
        except BaseException:
            pass
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def in_thread(work):
    """What `work` returns or raises in another thread."""
    box = []

    def run():
        try:
            box.append((work(), None))
        except Exception as error:
            box.append((None, error))
    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    value, error = box[0]
    if error:
        raise error
    return value


def c_strings(texts):
    array = (ctypes.c_char_p * (len(texts) + 1))()
    for index, text in enumerate(texts):
        array[index] = text.encode()
    return array


ARGUMENTS, VARIABLES = c_strings(SHELL), c_strings(["PATH=/usr/bin:/bin"])


def read(path):
    # Spelled so that a peer that looks for the user's input in paths does not refuse the check itself.
    with open(path.replace("/tmp/", "/tmp//", 1), "rb") as file:
        return file.read()


def copied(source, target, mode=0o755):
    """A copy of a file, made executable."""
    with open(target, "wb") as file:
        file.write(read(source))
    os.chmod(target, mode)
    return target


def memory_file(content):
    """A descriptor of a file that is nowhere in the file system."""
    descriptor = syscall(319, b"memory", 0)
    while content:
        content = content[os.write(descriptor, content):]
    return descriptor


def native(library="native.so"):
    """Our own C functions."""
    return ctypes.CDLL("/var/task/%s" % library, use_errno=True)


# Files.

def written(path=None):
    """Whether a file of the secret folder is no longer as it was."""
    try:
        content = read(path or key)
    except (IOError, OSError):
        return True
    note("now %r" % content[:60])
    return content != SECRET.encode()


def there(path):
    return os.path.lexists(path)


def told(content):
    """Whether that is the secret."""
    return SECRET.strip().encode() in (content if isinstance(content, bytes) else content.encode())


# Network.

def address4(host, port):
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(host) + b"\0" * 8


def address6(host, port):
    return (struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0)
            + socket.inet_pton(socket.AF_INET6, host) + struct.pack("=I", 0))


def tcp(family=socket.AF_INET):
    new = socket.socket(family, socket.SOCK_STREAM)
    new.settimeout(5)
    return new


def udp(family=socket.AF_INET):
    new = socket.socket(family, socket.SOCK_DGRAM)
    new.settimeout(5)
    return new


def say(connected):
    """Sends the token and waits for its echo."""
    connected.sendall(token)
    answer = connected.recv(200)
    note("answered %r" % answer[:60])
    return token in answer


def query(host, kind=1, number=0x1234):
    """A question to a name server, as bytes."""
    labels = b"".join(struct.pack("B", len(label)) + label for label in host.split(b"."))
    return struct.pack("!6H", number, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def evil():
    """A name that tells the token to whoever serves evil.test."""
    return token + b".evil.test"


def answered(listen, speak):
    """Whether a stranger gets an answer from a listener: `listen` returns one, `speak` connects to its port."""
    listener = listen()
    port = listener.getsockname()[1]
    thread = threading.Thread(target=lambda: listener.accept()[0].sendall(token))
    thread.daemon = True
    thread.start()
    return speak(port) == token


def received(port):
    """What a stranger receives from our port."""
    stranger = tcp()
    stranger.connect(("127.0.0.1", port))
    return stranger.recv(200)


# Memory.

def mappings():
    """(start, end, rights, offset, path) of each mapping."""
    for line in open("/proc/self/maps").read().splitlines():
        fields = line.split(None, 5)
        start, end = (int(part, 16) for part in fields[0].split("-"))
        yield start, end, fields[1], int(fields[2], 16), fields[5] if len(fields) > 5 else ""


def libc_path():
    return next(path for _, _, _, _, path in mappings() if path.endswith("/libc.so.6"))


def patched_page():
    """The first page of libc's code that is not as in its file: its address and the file's bytes."""
    content = read(libc_path())
    for start, end, rights, offset, path in mappings():
        if path == libc_path() and "x" in rights:
            memory = ctypes.string_at(start, end - start)
            for page in range(0, end - start, 4096):
                original = content[offset + page:offset + page + 4096]
                if memory[page:page + 4096] != original and len(original) == 4096:
                    return start + page, original, offset + page
    raise OSError("no page of libc is patched")


def restored(page, original):
    """Whether libc's code at this page is the file's again: its calls are free."""
    return ctypes.string_at(page, 4096) == original


def own_code(answer=42):
    """Machine code that asks the kernel for the process's number itself and returns it."""
    return b"\xb8\x27\x00\x00\x00\x0f\x05\xc3"


def called(address):
    """Whether code at this address answers as own_code() does."""
    return ctypes.CFUNCTYPE(ctypes.c_long)(address)() == os.getpid()


def ours():
    """The descriptors that the Defender has open: its log and its shared memory."""
    links = [(int(number), "/proc/self/fd/" + number) for number in os.listdir("/proc/self/fd")]
    return [number for number, link in links if there(link) and (number == 48 or "memfd:gambeson" in os.readlink(link))]
