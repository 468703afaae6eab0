"""Where peers come from, and how programs are run."""
import ctypes
import pathlib
import platform
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache" / "bench-waas"
# Its library has libinjection 4 inside, with its functions exported.
LIBMODSECURITY = "libmodsecurity==3.0.15.post2"
CRS_PACKAGE = "modsecurity-crs"


class LeftOut(Exception):
    """Why a peer cannot be measured."""


def package(requirement):
    """A PyPI package's files, unpacked in the cache. Its libraries do not care which Python will load them."""
    kept = CACHE / requirement
    if kept.exists():
        return kept
    note("installing %s into .cache/bench-waas" % requirement)
    unfinished = kept.with_name(kept.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    machine = platform.machine()
    attempt(pip() + ["install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore", "--no-deps", "--no-compile",
                     "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311",
                     "--platform", "manylinux_2_28_" + machine, "--platform", "manylinux_2_17_" + machine,
                     "--platform", "manylinux2014_" + machine, "--target", unfinished, requirement])
    unfinished.rename(kept)
    return kept


def pip():
    if subprocess.run([sys.executable, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        attempt([sys.executable, "-m", "venv", CACHE / "pip"])
        return [CACHE / "pip" / "bin" / "python", "-m", "pip"]
    return [sys.executable, "-m", "pip"]


def libmodsecurity():
    found = list(package(LIBMODSECURITY).glob("libmodsecurity.libs/libmodsecurity-*.so*"))
    return found[0] if found else no_peer("%s has no library" % LIBMODSECURITY)


def core_rule_set(folder):
    """The set-up, the files of rules in order, and the version."""
    if folder is None:
        kept = CACHE / CRS_PACKAGE
        if not kept.exists():
            note("unpacking Debian's %s into .cache/bench-waas" % CRS_PACKAGE)
            if not shutil.which("apt-get"):
                raise LeftOut("the Core Rule Set comes as a Debian package, and there is no apt-get; --crs FOLDER names another")
            unfinished = kept.with_name(kept.name + ".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            attempt(["apt-get", "download", "-qq", CRS_PACKAGE], unfinished)
            attempt(["dpkg-deb", "-x", next(unfinished.glob("*.deb")), unfinished])
            unfinished.rename(kept)
        setup, rules = kept / "etc" / "modsecurity" / "crs" / "crs-setup.conf", kept / "usr" / "share" / "modsecurity-crs" / "rules"
    else:
        folder = folder.resolve()
        setup, rules = folder / "crs-setup.conf", folder / "rules"
        if not setup.exists():
            setup = folder / "crs-setup.conf.example"
    # The library was built without the data base that the rules about addresses want.
    files = [path for path in sorted(rules.glob("REQUEST-*.conf")) if not path.name.startswith("REQUEST-910")]
    if not files or not setup.exists():
        raise LeftOut("no Core Rule Set in %s" % (folder or kept))
    version = re.search(r"ver\W+OWASP_CRS/([\d.]+)", "".join(path.read_text(errors="replace") for path in files))
    return setup, files, version.group(1) if version else "of unknown version"


def shim():
    """benches/peers/waas.c, compiled again when it changes."""
    source, built = ROOT / "benches" / "peers" / "waas.c", CACHE / "waas.so"
    if not built.exists() or built.stat().st_mtime < source.stat().st_mtime:
        if not shutil.which("cc"):
            raise LeftOut("there is no C compiler `cc`")
        CACHE.mkdir(parents=True, exist_ok=True)
        attempt(["cc", "-O2", "-std=gnu11", "-Wall", "-Werror", "-shared", "-fPIC", "-o", built, source])
    lib = ctypes.CDLL(str(built))
    lib.libinjection_judge.restype = ctypes.c_int64
    return lib


def load(path, functions, prefix=""):
    try:
        lib = ctypes.CDLL(str(path))
        for name, (result, parameters) in functions.items():
            function = getattr(lib, prefix + name)
            function.restype = result
            if parameters:
                function.argtypes = parameters
    except (OSError, AttributeError) as problem:
        raise LeftOut("%s cannot be used: %s" % (path.name, problem)) from None
    return lib


def attempt(command, folder=ROOT):
    """A step without which a peer is left out."""
    try:
        result = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=str(folder))
    except OSError as problem:
        raise LeftOut(str(problem)) from None
    if result.returncode:
        lines = result.stdout.decode(errors="replace").strip().splitlines()
        raise LeftOut("%s: %s" % (pathlib.Path(str(command[0])).name, lines[-1] if lines else "exit %d" % result.returncode))


def no_peer(why):
    raise LeftOut(why)


def run(command):
    result = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=str(ROOT))
    if result.returncode != 0:
        fail("%s: %s" % (" ".join(map(str, command[:4])), result.stderr.decode().strip()))
    return result.stdout.decode()


def note(text):
    print(text, file=sys.stderr, flush=True)


def fail(problem):
    print("bench-waas failed: " + problem, file=sys.stderr)
    sys.exit(1)
