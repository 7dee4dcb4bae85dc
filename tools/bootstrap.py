"""Set this checkout up: environments with locked, hash-checked dependencies and zenrepo installed in place.

Usage: ``bootstrap.py STAMP [light | torch]``, called by ``tools/setup``. It runs before anything is installed, on any
Python from 3.7, so it uses the standard library alone and looks for the Python that the environment needs.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
NEWEST_FIRST = ("3.13", "3.12", "3.11", "3.10")
NEEDED_GB = {"light": 0, "": 5, "torch": 14}  # what .venv takes, and what is unpacked on the way

PROBE = """
import importlib.util, json, os, platform, sys
has_venv = bool(importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"))
path = os.path.realpath(sys.executable)
print(json.dumps([platform.python_implementation(), platform.python_version(), path, has_venv]))
"""

SUPPORTED = """these would do:
  Linux on x86-64 with glibc before 2.39 (Debian 12, Ubuntu 22.04, RHEL 9): CPython 3.10 or 3.11
  Linux on x86-64 with glibc 2.39 or newer (Debian 13, Ubuntu 24.04): CPython 3.10 to 3.13
  macOS on arm64: CPython 3.10 to 3.13"""

GET_PYTHON = "for example: apt-get install python3 python3-venv (Debian 12 and 13), or pyenv install 3.11"

# What uv or pip say when they fail, and what cures it.
CURES = {
    r"No space left on device": f"free {NEEDED_GB['torch']} GB of disk and run the same command again",
    r"[Hh]ash mismatch|THESE PACKAGES DO NOT MATCH": "the package index serves other files than locks/ names",
    r"(gcc|g\+\+|cc|clang)\b.*(failed|No such file|not found)|Python\.h": (
        "pyfarmhash must be compiled for this Python: install a compiler and Python's headers (Debian:"
        " apt-get install g++ python3-dev), or on Linux take Python 3.11 or newer, which has a wheel of it"
    ),
    r"dns error|error sending request|Failed to fetch|[Cc]onnect|[Tt]imed? ?out|from versions: none": (
        "the package index could not be reached: check the network and the proxy; an index that pip is"
        " configured with (pip config list) is used here too"
    ),
    r"matching (platform|Python)|no usable wheels|compatible wheels|current platform": SUPPORTED,
}
OTHERWISE = "the lines above say why; the same command tries again"

# Lines of uv and pip that are left out: every package, small downloads, indexes that lack a package.
NOISE = re.compile(
    r" [+~-] |\s*(Using Python|Downloaded|Building|Built) |WARNING: Location "
    r"|\s*Downloading .*\((\d\.\dM|.*K)iB\)"
)

# How pip's settings are called in uv, which does not read them.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


class Python(NamedTuple):
    """An interpreter that was found."""

    kind: str
    version: str
    path: str
    has_venv: bool

    @property
    def minor(self) -> str:
        """The version without its last part."""
        return ".".join(self.version.split(".")[:2])

    def fits(self, minors: tuple[str, ...]) -> bool:
        """Whether an environment for one of these versions can be made from it."""
        return self.kind == "CPython" and self.minor in minors and self.has_venv

    def __str__(self) -> str:
        lack = "" if self.has_venv else ", which lacks the venv module (Debian: apt-get install python3-venv)"
        return f"{self.kind} {self.version} at {self.path}{lack}"


def main(stamp: str, wish: str) -> None:
    """Make ``.venv``, with PyTorch if that is the wish, or the light environments: one without TFX for each Python."""
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once: the second waits, and finds all done
        found = find_pythons()
        if wish == "light":
            for minor in NEWEST_FIRST:
                for python in [python for python in found if python.fits((minor,))][:1]:
                    make_environment(ROOT / f".venv-light-{minor}", python, "light", stamp, NEEDED_GB[wish])
        else:
            lock_name, minors = column()
            more = f"-{wish}" if wish else ""
            stamp += f" {wish}" if wish else ""
            make_environment(ROOT / ".venv", choose(found, minors), lock_name + more, stamp, NEEDED_GB[wish])


def column() -> tuple[str, tuple[str, ...]]:
    """The lock file for this platform, and the Pythons that it serves, best first."""
    system, machine = platform.system(), platform.machine()
    if (system, machine) == ("Darwin", "arm64"):
        return "tfx-1.21", NEWEST_FIRST
    libc = re.match(r"glibc (\d+)\.(\d+)", libc_version())
    if (system, machine) != ("Linux", "x86_64") or not libc:
        kind = "" if libc or system != "Linux" else " without glibc"
        raise failure(f"TFX has no wheels for {system} on {machine}{kind}", SUPPORTED)
    if (int(libc.group(1)), int(libc.group(2))) < (2, 39):
        return "tfx-1.16", ("3.11", "3.10")
    return "tfx-1.21", NEWEST_FIRST


def libc_version() -> str:
    """The C library's name and version, or nothing where it does not say."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (OSError, ValueError):
        return ""


def find_pythons() -> list[Python]:
    """Every interpreter on the PATH, in pyenv and in /usr/bin, each once."""
    names = ["python3"] + ["python" + minor for minor in NEWEST_FIRST]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places = [shutil.which(name) for name in [os.environ.get("PYTHON") or "python3", *names]]
    places += sorted(map(str, pyenv.glob("versions/*/bin/python3")), reverse=True)
    places += [f"/usr/bin/{name}" for name in names]
    found = [probe(place) for place in dict.fromkeys(places) if place]
    return list({python.path: python for python in found if python}.values())


def probe(path: str) -> Python | None:
    """What is at a path; None where nothing runs there (a pyenv shim of a version that is not selected)."""
    try:
        output = subprocess.check_output([path, "-c", PROBE], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    return Python(*json.loads(output.decode()))


def choose(found: list[Python], minors: tuple[str, ...]) -> Python:
    """The best of what was found, or the one that PYTHON names; says what would do where none fits."""
    asked = shutil.which(os.environ.get("PYTHON") or "")
    fitting = [python for python in found if python.fits(minors)]
    if asked:
        one = probe(asked)
        fitting = [python for python in fitting if one and python.path == one.path]
    if not fitting:
        seen = "".join(f"\n  found {python}" for python in found)
        need = f"this platform needs CPython {' or '.join(sorted(minors))} with its venv module"
        raise failure(f"no suitable Python: {need}{seen}", GET_PYTHON)
    return min(fitting, key=lambda python: minors.index(python.minor))


def make_environment(path: Path, python: Python, lock: str, stamp: str, gigabytes: int) -> None:
    """Bring an environment to what its lock says. The stamp comes last, so half an environment has none."""
    mark = path / "stamp"
    inside = path / "bin" / "python"
    old = mark.read_text() if mark.exists() and os.path.realpath(inside) == python.path else None
    if old == stamp:
        return
    say(f"{path.name} with CPython {python.version} from locks/{lock}.txt")
    if old is None:
        check_disk(gigabytes)
    install_uv(python)
    if old is None:
        uv("venv", "--quiet", "--clear", "--python", python.path, str(path))
    else:
        mark.unlink()
    requirements = str(ROOT / "locks" / f"{lock}.txt")
    target = ("--python", str(inside))
    # Two packages come as pure Python sources: what builds them is held to the lock as well.
    sync = ("pip", "sync", *target, "--require-hashes", "--build-constraints", requirements, requirements)
    uv(*sync, UV_COMPILE_BYTECODE="1")
    uv("pip", "install", "--quiet", *target, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    run([str(inside), "-m", "compileall", "-q", str(ROOT / "zenrepo")], {})
    mark.write_text(stamp)


def check_disk(needed: int) -> None:
    """Stop before the disk is full rather than after."""
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < needed:
        message = f"set-up needs {needed} GB of disk, and {free:.1f} GB are free at '{ROOT}'"
        raise failure(message, "free some, or move the checkout to a larger disk")


def install_uv(python: Python) -> None:
    """Install the pinned uv into a folder of its own, with the pip that Python brings."""
    lock = ROOT / "locks" / "uv.txt"
    mark = TOOLS / "stamp"
    if mark.exists() and mark.read_text() == lock.read_text():
        return
    say("uv, which installs the rest")
    run([python.path, "-m", "venv", "--clear", str(TOOLS)], {})
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run([*pip, "install", "--require-hashes", "--requirement", str(lock)], {})
    mark.write_text(lock.read_text())


def uv(*arguments: str, **settings: str) -> None:
    """Run uv, installing from where pip would."""
    run([str(TOOLS / "bin" / "uv"), *arguments], {**pip_settings(), **settings})


def pip_settings() -> dict[str, str]:
    """Where pip is configured to install from, in uv's words; what the environment says to uv itself wins."""
    command = [str(TOOLS / "bin" / "python"), "-m", "pip", "config", "list"]
    settings = {"UV_PYTHON_DOWNLOADS": "never"}
    for line in sorted(subprocess.check_output(command).decode().splitlines(), key=rank):
        match = re.match(r"[\w:]+\.([\w-]+)='(.*)'$", line)
        name = PIP_TO_UV.get(match.group(1)) if match else None
        if match and name:
            settings[name] = match.group(2).replace(" ", "," if name == "UV_FIND_LINKS" else " ")
    if "UV_INDEX" in settings:
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip does; hashes guard it
    return {name: value for name, value in settings.items() if name not in os.environ}


def rank(line: str) -> int:
    """Where a line of ``pip config list`` stands in pip's order; the last one counts."""
    return {"global": 0, "site": 1, "user": 2, "install": 3, ":env:": 4}.get(line.partition(".")[0], 0)


def run(command: list[str], settings: dict[str, str]) -> None:
    """Run one step of the set-up; pass on what it says, and say what cures it when it fails."""
    # Without bytecode, each first import of TensorFlow would compile for ten seconds.
    environ = {**os.environ, **settings, "PYTHONDONTWRITEBYTECODE": "", "VIRTUAL_ENV": ""}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)
    said = []
    for line in process.stderr or ():
        said.append(line)
        if not NOISE.match(line):
            sys.stderr.write("  " + line)
    if process.wait():
        cure = next((cure for pattern, cure in CURES.items() if re.search(pattern, "".join(said))), OTHERWISE)
        raise failure(f"set-up failed at '{Path(command[0]).name} {' '.join(command[1:3])}'", cure)


def say(text: str) -> None:
    """Tell what goes on."""
    sys.stderr.write(f"set-up: {text}\n")
    sys.stderr.flush()


def failure(message: str, hint: str) -> SystemExit:
    """The end, with the way out."""
    return SystemExit(f"error: {message}\nhint: {hint}")


if __name__ == "__main__":
    try:
        main(sys.argv[1], "".join(sys.argv[2:]))
    except KeyboardInterrupt:
        raise failure("set-up was interrupted", "the same command starts it anew") from None
