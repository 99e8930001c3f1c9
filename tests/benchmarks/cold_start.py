"""How long a user waits: a command from nothing, the server to its first page, the desk's list once warm.

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
            ("desk: list of commitments, warm", 0.15, desk_list(runs)),
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


def desk_list(runs: int) -> float:
    """The first page of the desk's list, in the process of the server, after one page to warm up."""
    from tracker import accounts, db, passwords
    from tracker.app import create_app
    from tracker.auth import sessions
    from tracker.codebook import Role

    with db.writing(db.connect(), actor="benchmark") as session:
        user = accounts.make_account(
            session,
            name="bench",
            email="bench@example.org",
            password=passwords.kept(os.urandom(16).hex()),
            role=Role.ANALYST,
        )
        token = user.fs_uniquifier
    client = create_app().test_client()
    with client.session_transaction() as signed_in:
        signed_in.update(_user_id=token, **sessions.stamps())

    def one() -> float:
        start = time.perf_counter()
        answer = client.get("/desk/commitment/")
        assert answer.status_code == 200, answer.status
        assert b"CZ-2020-01" in answer.data
        return time.perf_counter() - start

    one()
    return median(runs, one)


if __name__ == "__main__":
    main()
