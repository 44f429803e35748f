#!/usr/bin/env python3
"""Set Woop up in this checkout and hand over to the commands in `launcher/`.

Needs nothing but Python's own library. The syntax stays that of very old Pythons,
so that they can still read the sentence which tells them that they are too old.
"""

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"
LOCKS = {
    "run": RUNTIME,
    "test": DEVELOPMENT,
    "lint": DEVELOPMENT,
    "bench": DEVELOPMENT,
    "e2e": DEVELOPMENT,
}
USAGE = "Usage: python3 launch.py run | test | lint | bench | e2e | clean"


def give_up(sentence):
    sys.stderr.write(sentence + "\n")
    sys.exit(1)


def check_python():
    if sys.version_info < (3, 11):
        have = ".".join(str(part) for part in sys.version_info[:3])
        give_up("Woop needs Python 3.11 or newer, and this is %s: try `make PYTHON=python3.11 ...`." % have)
    if os.name != "posix":
        give_up("Woop runs on Linux and macOS only.")


def check_ensurepip():
    from importlib.util import find_spec

    if find_spec("ensurepip") is None:
        give_up(
            "This Python cannot make virtual environments (its module ensurepip is missing): "
            "`apt install python3.%d-venv` mends it on Debian and Ubuntu." % sys.version_info[1]
        )


def checksum(lock):
    with open(os.path.join(ROOT, lock), "rb") as handle:
        return hashlib.sha256(handle.read()).hexdigest()


def stamp(lock):
    """Return the file whose presence says that exactly this lock is installed for this Python."""
    version = "%d.%d" % sys.version_info[:2]
    return os.path.join(VENV, "installed-%s-%s-%s" % (version, lock, checksum(lock)[:16]))


def installed(lock):
    return os.path.exists(stamp(lock)) and os.access(PYTHON, os.X_OK)


def quietly(command, problem):
    """Run a command without noise; show what it said, and stop, only if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    if done.returncode != 0:
        tail = done.stdout.decode("utf-8", "replace").strip().splitlines()[-15:]
        give_up("\n".join(tail + ["", problem]))


def usable():
    """Say whether the environment exists, runs, and is of the Python that runs this script."""
    if not os.access(PYTHON, os.X_OK):
        return False
    probe = "import sys, pip; sys.exit(sys.version_info[:2] != (%d, %d))" % sys.version_info[:2]
    return subprocess.call([PYTHON, "-c", probe], stderr=subprocess.DEVNULL) == 0


def install(lock):
    """Bring the environment to exactly this lock; two first starts at once wait for each other."""
    import fcntl

    checkout = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(checkout, fcntl.LOCK_EX)
    if not installed(lock):
        check_ensurepip()
        print("Setting up: installing the locked packages into .venv (once, about half a minute) ...")
        sys.stdout.flush()
        if not usable():
            quietly(
                [sys.executable, "-m", "venv", "--clear", VENV], "The environment %s cannot be made." % VENV
            )
        pip = [PYTHON, "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check"]
        quietly(
            pip + ["--require-hashes", "-r", os.path.join(ROOT, lock)], "The packages cannot be installed."
        )
        for done in (lock, RUNTIME):  # the development lock contains the runtime's
            open(stamp(done), "w").close()
    os.close(checkout)


def main():
    check_python()
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "clean":
        from launcher.clean import clean

        return clean()
    if command not in LOCKS:
        give_up(USAGE)
    if os.environ.get("VAR"):
        os.environ["VAR"] = os.path.abspath(os.environ["VAR"])
    if not installed(LOCKS[command]):
        install(LOCKS[command])
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH"):
        os.environ.pop(name, None)
    os.chdir(ROOT)
    os.execv(PYTHON, [PYTHON, "-m", "launcher"] + sys.argv[1:])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
