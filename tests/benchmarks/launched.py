"""Servers in processes of their own, as somebody runs them, and the memory they take."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ledgers import Ledger

TRACKER = str(Path(sys.executable).with_name("tracker"))

#: As many as `tracker serve` answers at once.
THREADS = 8

_ADDRESS = re.compile(r"http://[\d.]+:(\d+)/")


@dataclass(frozen=True)
class Server:
    """A server on 127.0.0.1, with the processes that it consists of."""

    port: int
    process: subprocess.Popen[str]

    def processes(self) -> list[int]:
        """The process and all that it started."""
        found, children = [self.process.pid], _children()
        for parent in found:
            found += children.get(parent, [])
        return found

    def peak(self) -> float:
        """Most memory that each process has held so far, added up, in MB."""
        return sum(peak_of(process) for process in self.processes())

    def held(self) -> float:
        """Memory that the processes hold now, in MB."""
        return sum(_said(process, "VmRSS") for process in self.processes()) / 1024

    def forget_peak(self) -> None:
        """Have `peak` begin anew."""
        for process in self.processes():
            with suppress(OSError):
                Path(f"/proc/{process}/clear_refs").write_text("5")


@contextmanager
def tracker(ledger: Ledger) -> Iterator[Server]:
    """`tracker serve` on a ledger."""
    with _running([TRACKER, "--database", ledger.url, "serve", "--port", "0"], ledger.folder) as server:
        yield server


@contextmanager
def yardstick(name: str, ledger: Ledger) -> Iterator[Server]:
    """`bare.py` or `naive.py` on a ledger."""
    program = Path(__file__).with_name(f"{name}.py")
    with _running([sys.executable, str(program), ledger.url], ledger.folder) as server:
        yield server


@contextmanager
def _running(words: list[str], folder: Path) -> Iterator[Server]:
    log = folder / "servers.log"
    kept = {**os.environ, "TRACKER_LOG": str(folder / "events.log")}
    with log.open("a") as said, subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=said, text=True, cwd=folder, env=kept
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            there = _ADDRESS.search(line)
            assert there, f"{words} printed no address; see {log}"
            yield Server(int(there[1]), process)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def peak_of(process: int) -> float:
    """Most memory that a process has held so far, in MB."""
    return _said(process, "VmHWM") / 1024


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            found.setdefault(parent, []).append(int(status.parent.name))
    return found


def _said(process: int, name: str) -> int:
    """Kilobytes that the system says of a process under a name."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0
