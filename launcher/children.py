"""Child processes that end with the launcher, however it ends, and that are started again when they die."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_BYTES = 20_000_000
GRACE = 8.0  # seconds between asking a child to end and killing it
STEADY = 20.0  # a child that lived this long is forgiven its earlier deaths


def _die_with_parent(death_signal: int) -> Callable[[], None] | None:
    """Return what the child must do first so that the kernel ends it when the launcher is killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    launcher = os.getpid()

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != launcher:  # it died before the line above
            os._exit(1)

    return prepare


@dataclass
class Child:
    name: str
    command: Sequence[str | os.PathLike[str]]
    log: Path
    env: dict[str, str] | None = None
    cwd: Path | None = None
    user: str | None = None
    pass_fds: tuple[int, ...] = ()
    death_signal: int = signal.SIGTERM
    stop_signal: int = signal.SIGTERM
    may_end: bool = False  # its work may be over one day
    deaths: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started_at: float = 0.0
    not_before: float = 0.0

    def start(self) -> "Child":
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [os.fspath(part) for part in self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.cwd,
                user=self.user,
                pass_fds=self.pass_fds,
                start_new_session=True,  # Ctrl-C is for the launcher alone: it ends them in order
                preexec_fn=_die_with_parent(self.death_signal),
            )
        self.started_at = time.monotonic()
        return self

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def has_finished(self) -> bool:
        return self.may_end and self.process is not None and self.process.poll() == 0

    def ask_to_end(self) -> None:
        if self.process is not None and self.alive:
            self.process.send_signal(self.stop_signal)

    def end(self, deadline: float) -> None:
        """Wait until the deadline, then kill the child and whatever it started."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        self.sweep()
        self.process.wait()

    def sweep(self) -> None:
        """Kill the whole process group, so that nothing the child started outlives it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def trim_log(self) -> None:
        """Keep the last two helpings of the log; the child appends, so it may be cut under its hands."""
        if self.log.stat().st_size > LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def how_it_ended(self) -> str:
        code = self.process.returncode if self.process else None
        if code is not None and code < 0:
            return f"killed by signal {-code}"
        return f"exit code {code}"


class Children:
    """Every child, in the order of starting; ended the other way round."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.all: list[Child] = []
        self.say = say

    def start(self, child: Child) -> Child:
        self.all.append(child)
        return child.start()

    def tend(self) -> None:
        """Start again whoever died, the sooner the rarer it dies."""
        now = time.monotonic()
        for child in self.all:
            if child.alive:
                child.trim_log()
                continue
            if child.has_finished:
                continue
            if child.not_before == 0.0:
                child.sweep()
                steady = now - child.started_at > STEADY
                child.deaths = 1 if steady else child.deaths + 1
                child.not_before = now + min(0.1 * 2**child.deaths, 10.0)
                self.say(f"The {child.name} ended ({child.how_it_ended()}): starting it again.")
            elif now >= child.not_before:
                child.not_before = 0.0
                child.start()

    def end(self) -> None:
        """End the workers before what they stand on: in reverse order of starting, the first one alone."""
        if not self.all:
            return
        first, *others = self.all
        for group in (others, [first]):
            for child in reversed(group):
                child.ask_to_end()
            deadline = time.monotonic() + GRACE
            for child in reversed(group):
                child.end(deadline)
        self.all.clear()
