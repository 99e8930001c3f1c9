"""How long a user waits for the server: to its first page, and where the ledger has to be made first.

    .venv/bin/python tests/benchmarks/cold_start.py [RUNS]

Prints the median of each, beside its limit and beside what Python takes to start, alone and with the libraries that
every command needs, so that figures of different machines can be compared; and of commands their time of processor,
which is the same on a busy machine. Measures the `tracker` that stands beside this Python; install it without
`-e` to measure what a user gets.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

TRACKER = str(Path(sys.executable).with_name("tracker"))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["TRACKER_DATABASE_URL"] = f"sqlite:///{folder}/tracker.db"
        subprocess.run([TRACKER, "seed"], check=True, stdout=subprocess.DEVNULL)
        python = median(runs, lambda: timed([sys.executable, "-c", "pass"]))
        libraries = [sys.executable, "-c", "import sqlalchemy.orm, click"]
        loaded, used = median(runs, lambda: timed(libraries)), median(runs, lambda: processor(libraries))
        listed = [TRACKER, "list", "--city", "郴州", "--limit", "50"]
        working = median(runs, lambda: processor(listed))
        rows = [
            ("tracker list --city 郴州 --limit 50", 0.8, median(runs, lambda: timed(listed))),
            ("tracker serve, first page, ledger there", 3.0, median(runs, first_page)),
            ("tracker serve, first page, no ledger yet", 3.0, median(runs, first_page_of_a_new_ledger)),
        ]
    print(f"{'what':44}{'median s':>10}{'limit s':>9}{'of limit':>10}{'× python':>10}")
    print(f"{'python -c pass':44}{python:10.3f}")
    print(f"{'python -c import sqlalchemy.orm, click':44}{loaded:10.3f}")
    for what, limit, seconds in rows:
        print(f"{what:44}{seconds:10.3f}{limit:9.2f}{seconds / limit:10.0%}{seconds / python:10.1f}")
    print(f"of the processor: libraries {used:.3f} s, list {working:.3f} s, {working / used:.2f} times as much")


def median(runs: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(runs))


def timed(words: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def processor(words: list[str]) -> float:
    """Seconds that a command takes of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    timed(words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_page() -> float:
    """Seconds from the start of the server to its front page."""
    start = time.perf_counter()
    with subprocess.Popen([TRACKER, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = re.search(r"http://[\d.:]+/", server.stdout.readline())
            assert address, "the server printed no address"
            with urllib.request.urlopen(address[0]) as page:
                assert page.status == 200
                page.read()
            return time.perf_counter() - start
        finally:
            server.terminate()


def first_page_of_a_new_ledger() -> float:
    """The same where the database has to be made, migrated and filled first."""
    kept = os.environ["TRACKER_DATABASE_URL"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRACKER_DATABASE_URL"] = f"sqlite:///{folder}/tracker.db"
        try:
            return first_page()
        finally:
            os.environ["TRACKER_DATABASE_URL"] = kept


if __name__ == "__main__":
    main()
