"""A ledger of any size to measure with: 300 cities of Zipf sizes, the same for the same seed.

    .venv/bin/python tests/benchmarks/generate.py 100000 sqlite:///big.db [--each 5] [--seed 1]

Makes the database where there is none and refuses one that holds commitments. Everything in it is evidently
generated (`invented.py`). Rows go in with bulk INSERTs past the verbs of the field, but not past the guards of the
database: what they refuse cannot be generated. Each row of the history is signed in the audit, so that
`tracker verify` holds; commitments and their coding are not, which no check asks.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from random import Random
from typing import Any

import histories
import invented
from sqlalchemy import Connection, event, insert, select, text

from tracker import db
from tracker.codebook import JurisdictionLevel, OrganisationKind, Role
from tracker.loading import loading
from tracker.models import Base, Commitment

CITIES = 300
YEARS = range(2016, 2026)

#: Signs everything; `tracker` has no account that could be mistaken for a person's.
ACTOR = "测试分析员"

#: Rows handed to the database at once.
_BATCH = 4_000


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("commitments", type=int)
    words.add_argument("url")
    words.add_argument("--each", type=float, default=5, help="assessments of a commitment, on average")
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    start = time.perf_counter()
    counts = generate(asked.url, asked.commitments, each=asked.each, seed=asked.seed)
    seconds = time.perf_counter() - start
    print(", ".join(f"{count:,} {table}" for table, count in counts.items()))
    print(f"{seconds:.1f} s, {asked.commitments / seconds:,.0f} commitments/s")


def generate(url: str, commitments: int, *, each: float = 5, seed: int = 1) -> dict[str, int]:
    """Fill the database at `url` with so many commitments; returns rows per table. Refuses one that is not empty."""
    # No row refers to itself: to look for those that do takes a tenth of the time.
    gc.disable()
    engine = db.connect(url)
    db.upgrade(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _record: made_at_once(connection))
    counts: dict[str, int] = {}
    with engine.execution_options(**db.WRITES).begin() as connection:
        if connection.scalar(select(Commitment.id).limit(1)) is not None:
            raise SystemExit(f"{db.place(engine)} holds commitments already: name another database")
        random = Random(seed)  # noqa: S311 - nothing is secret here; the same must come out each time
        places(connection, random)
        with loading(connection, ACTOR, at=histories.LAST, alone=True) as load:
            for number, rows in enumerate(made(random, commitments, each), 1):
                load.put(rows)
                # As often as the tables have doubled: the server would plan as it did when they were empty.
                if connection.dialect.name == "postgresql" and number.bit_count() == 1:
                    connection.exec_driver_sql("ANALYZE")
                for table, put in rows.items():
                    counts[table] = counts.get(table, 0) + len(put)
        settle(connection)
    engine.dispose()
    gc.enable()
    db.survey(db.connect(url))
    return counts


def made_at_once(connection: Any) -> None:
    """Prepare SQLite for a transaction of gigabytes: in WAL mode all of it would be written twice, and some more often."""
    connection.execute("PRAGMA journal_mode=delete")
    connection.execute("PRAGMA cache_size=-400000")


def sizes(commitments: int) -> list[int]:
    """How many commitments each city has, the largest first: the second half as many as the first, and so on."""
    whole = sum(1 / rank for rank in range(1, CITIES + 1))
    found = [max(2, int(commitments / rank / whole)) for rank in range(1, CITIES + 1)]
    found[0] += commitments - sum(found)
    if found[0] < found[1]:
        raise SystemExit(f"{CITIES} cities need {3 * CITIES} commitments or more")
    return found


def documents(random: Random, commitments: int) -> list[tuple[int, int, int]]:
    """Every document as (year, city, commitments), in the order in which they came out.

    A city has a few a year, of five commitments or more where it has that many, and never of more than 80.
    """
    found = []
    for city, size in enumerate(sizes(commitments), 1):
        count = max(1, min(size // 5, 2 * len(YEARS)), -(-size // 80))
        for number in range(count):
            part = size * (number + 1) // count - size * number // count
            found.append((random.choice(YEARS), city, part))
    random.shuffle(found)
    return sorted(found, key=lambda document: document[0])


def places(connection: Connection, random: Random) -> None:
    """A province, the cities, who speaks for them, their units, two accounts and a unit of measure."""
    tables = Base.metadata.tables
    province = {"id": 1, "code": "900000", "slug": "generated", "name_zh": "测试省", "name_en": "Generated Province",
                "level": JurisdictionLevel.PROVINCE, "parent_id": None}  # fmt: skip
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in ("person", "post", "organisation")}
    cities = [province]
    for n in range(1, CITIES + 1):
        name = invented.city(n)
        cities.append({"id": n + 1, "code": f"9{n:05}", "slug": f"generated-{n:04}", **name,
                       "level": JurisdictionLevel.PREFECTURE, "parent_id": 1})  # fmt: skip
        for table, zh, en in (
            ("person", f"测试市长{n:04}", f"Mayor {n:04}"),
            ("post", f"{name['name_zh']}市长", "Mayor"),
        ):
            at = {"jurisdiction_id": n + 1} if table == "post" else {}
            rows[table].append({"id": n, "code": f"generated-{n:04}", "name_zh": zh, "name_en": en, **at})
        rows["organisation"] += [
            {"id": 3 * n - 2 + unit, "code": f"generated-{n:04}-{unit}", "kind": OrganisationKind.DEPARTMENT,
             "name_zh": f"{name['name_zh']}单位{unit}", "name_en": f"Unit {unit}", "jurisdiction_id": n + 1}
            for unit in range(3)
        ]  # fmt: skip
    accounts = [
        {"id": n, "name": name, "active": False, "role": role, "fs_uniquifier": f"{random.getrandbits(128):032x}"}
        for n, (name, role) in enumerate(((ACTOR, Role.ANALYST), ("测试复核员", Role.REVIEWER)), 1)
    ]
    words = {"id": 1, "code": "measure-unit", "name_zh": "计量单位", "name_en": "Units of measure"}
    unit = {"id": 1, "vocabulary_id": 1, "code": "items", "name_zh": "个", "name_en": "items", "position": 1}
    for table, made in {
        "jurisdiction": cities,
        **rows,
        "user": accounts,
        "vocabulary": [words],
        "term": [unit],
    }.items():
        connection.execute(insert(tables[table]), made)


class _Making:
    """What the process that makes rows has in hand; it makes them while the database takes in those before."""

    batches: Iterator[histories.Rows]

    @classmethod
    def begin(cls, random: Random, commitments: int, each: float) -> None:
        gc.disable()
        cls.batches = batches(documents(random, commitments), histories.Maker(random, each))

    @classmethod
    def more(cls) -> histories.Rows | None:
        return next(cls.batches, None)


def made(random: Random, commitments: int, each: float) -> Iterator[histories.Rows]:
    """The rows of all documents, some thousands at a time, two such batches ahead."""
    alone = multiprocessing.get_context("spawn")
    asked_for = (random, commitments, each)
    with ProcessPoolExecutor(1, mp_context=alone, initializer=_Making.begin, initargs=asked_for) as maker:
        ahead = deque(maker.submit(_Making.more) for _ in range(3))
        while (rows := ahead.popleft().result()) is not None:
            ahead.append(maker.submit(_Making.more))
            yield rows


def batches(found: list[tuple[int, int, int]], maker: histories.Maker) -> Iterator[histories.Rows]:
    """The rows of all documents: of the first few by themselves, then a few thousand commitments at a time."""
    for number, (year, city, size) in enumerate(found, 1):
        maker.document(number, year, city, size)
        if len(maker.rows["commitment"]) >= _BATCH or number in {10, len(found)}:
            yield maker.taken()


def settle(connection: Connection) -> None:
    """On PostgreSQL the next numbers, which rows with numbers of their own pass by, and statistics for the planner."""
    if connection.dialect.name == "postgresql":
        for table in Base.metadata.tables.values():
            if "id" in table.c and table.c.id.autoincrement is not False:
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'),"
                         f" coalesce(max(id), 1)) FROM \"{table.name}\"")
                )  # fmt: skip
        connection.exec_driver_sql("ANALYZE")


if __name__ == "__main__":
    main()
