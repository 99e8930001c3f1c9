"""How fast the tracker is with 10,000, 100,000 and 1,000,000 commitments, and whether it answers rightly.

    .venv/bin/python tests/benchmarks/bench.py [--engine both] [--sizes 10000,100000,1000000] [--clients 1,8,32]
    .venv/bin/python tests/benchmarks/bench.py --smoke

The ledgers are generated (`generate.py`) where there are none yet, and used again. The tracker is served as a user runs
it; beside it answer the bare limit (`bare.py`) and a plain Flask-Admin (`naive.py`), in turn, in the same run. Every
answer is compared with what plain SQL finds in the same rows; a wrong one ends the run.
"""

from __future__ import annotations

import argparse
import os
import secrets
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import carrying
import equal
import invented
import ledgers
import plain
import reading
import report
import truth
import writing
from asked import Scene
from figures import Figure, Figures, Found
from ledgers import Ledger

POSTGRESQL = os.environ.get("TRACKER_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

#: The size at which a plain Flask-Admin is measured.
_PLAIN = 10_000


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--engine", choices=["sqlite", "postgresql", "both"], default="both")
    words.add_argument("--sizes", type=_numbers, default=[10_000, 100_000, 1_000_000], help="commitments")
    words.add_argument("--clients", type=_numbers, default=[1, 8, 32], help="how many ask at once")
    words.add_argument(
        "--databases", type=Path, default=None, help="folder of the ledgers, which are kept: else made anew"
    )
    words.add_argument("--postgresql", default=POSTGRESQL, help="server on which the ledgers of PostgreSQL are kept")
    words.add_argument("--runs", type=int, default=15, help="answers of which the median is taken")
    words.add_argument("--rows", type=int, default=20_000, help="rows of the table that is imported")
    words.add_argument("--compare", action="store_true", help="compare the answers of both engines, at every size")
    words.add_argument("--write-readme", action="store_true", help="put the table into the README")
    words.add_argument("--smoke", action="store_true", help="10,000 on both engines, once: only whether it is right")
    asked_for = words.parse_args()
    if asked_for.smoke:
        asked_for.sizes, asked_for.clients, asked_for.runs, asked_for.rows = [10_000], [1], 1, 300
        asked_for.engine, asked_for.compare = "both", True
    with ExitStack() as kept:
        folder, asked_for.mark = asked_for.databases, ""
        if folder is None:
            folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
            asked_for.mark = f"_{os.getpid()}"
            if asked_for.engine != "sqlite":
                kept.callback(ledgers.dropped, asked_for.postgresql, asked_for.mark)
        folder.mkdir(parents=True, exist_ok=True)
        # All processes sign alike, and whatever they keep beside a database goes there.
        os.environ["TRACKER_SECRET_KEY"] = secrets.token_hex(32)
        os.environ.pop("TRACKER_DATABASE_URL", None)
        asked_for.databases = folder.absolute()
        os.chdir(folder)
        run(asked_for)


def run(asked_for: argparse.Namespace) -> None:
    """Measure, print, and write down."""
    engines = ["sqlite", "postgresql"] if asked_for.engine == "both" else [asked_for.engine]
    found: Found = defaultdict(dict)
    measured = report.commit()
    made = {engine: [_made(engine, size, asked_for) for size in asked_for.sizes] for engine in engines}
    for ledger in chain(*made.values()):
        _fits(ledger)
    with ExitStack() as running:
        scenes = {engine: running.enter_context(reading.served(several)) for engine, several in made.items()}
        for several in scenes.values():
            reading.measure(several, found, clients=asked_for.clients, runs=asked_for.runs)
            for scene in several:
                _add(found, scene.ledger, carrying.exports(scene.ledger, scene.server))
        if asked_for.compare and len(engines) > 1:
            for one, other in zip(*scenes.values(), strict=True):
                _compared(one, other)
    for ledger in chain(*made.values()):
        _written(ledger, found, asked_for)
    versions = {engine: ledgers.versions(made[engine][0]) for engine in engines}
    text = report.table(found, versions, asked_for.runs, measured)
    print(f"\n{text}")
    if asked_for.write_readme:
        report.write(text)


def _made(engine: str, size: int, asked_for: argparse.Namespace) -> Ledger:
    return ledgers.made(engine, size, asked_for.databases, asked_for.postgresql, asked_for.mark)


def _fits(ledger: Ledger) -> None:
    """Whether titles and quotes are as long as they are said to be."""
    for what, (shortest, longest) in truth.lengths(ledger).items():
        least, most = invented.TITLE if what == "titles" else invented.QUOTE
        if not least <= shortest <= longest <= most:
            raise SystemExit(f"{what} of {shortest} to {longest} characters were generated, not of {least} to {most}")


def _written(ledger: Ledger, found: Found, asked_for: argparse.Namespace) -> None:
    """What starts from nothing and what writes, each on a copy; nobody else is served meanwhile."""
    each, server = 1 if asked_for.smoke else 10, asked_for.postgresql
    _add(found, ledger, carrying.cold(ledger, min(asked_for.runs, 5)))
    if ledger.size <= _PLAIN and (ledger.is_sqlite or not asked_for.smoke):
        # Its form offers every commitment, which takes it seconds.
        writers = 1 if asked_for.smoke else writing.WRITERS
        _add(found, ledger, plain.measure(ledger, server, writers=writers, each=min(each, 5), runs=asked_for.runs))
    _add(found, ledger, writing.measure(ledger, server, each=each))
    _add(found, ledger, carrying.imported(ledger, server, asked_for.rows))


def _add(found: Found, ledger: Ledger, figures: Figures) -> None:
    for name, figure in figures.items():
        found[ledger.engine, ledger.size][name] = figure
        print(f"{ledger.engine:10} {ledger.size:9,} {name:60} {_told(figure)}", flush=True)


def _told(figure: Figure) -> str:
    bare = f" bare {figure.bare:,.1f}" if figure.bare else ""
    return f"{figure.value:9,.2f} {figure.unit}{bare} {figure.note}"


def _compared(one: Scene, other: Scene) -> None:
    answers, walked = equal.compare(one, other), equal.walk(one, other)
    size = one.ledger.size
    print(
        f"{size:,}: {answers} answers and {walked:,} rows of lists page by page are equal on both engines", flush=True
    )


def _numbers(given: str) -> list[int]:
    return sorted(int(number) for number in given.split(","))


if __name__ == "__main__":
    main()
