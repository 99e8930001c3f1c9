"""Counts by city as JSON that the database puts together, city by city.

Of 300 cities there are 30,000 by kind and status: to make an object of each takes longer than to count them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal, select, type_coerce
from sqlalchemy.orm import Session

from tracker import counts, tallies
from tracker.filters import CommitmentFilter
from tracker.known import Known
from tracker.standings import Question

#: What parts the rows of a city: no code holds it.
_PARTED = "\n"


@dataclass(frozen=True)
class Written:
    """Rows as JSON objects in UTF-8, parted by what was asked for, and how many they are."""

    text: bytes
    rows: int


#: The last answers, of 0.6 MB (by one value) and 4 MB (by kind and status) with 300 cities.
_tallies: Known[Written] = Known(8)
_kinds: Known[Written] = Known(2)

#: What a city is called in the rows by one value, and in those by kind and status.
_NAMES = ("city", "city_en", "city_code", "city_slug")
_OF_KIND = ("city", "city_en", "city_code")


def tally(session: Session, by: str, asked: CommitmentFilter) -> Written | None:
    """The rows of `tallies.tally`, parted by “, ”; none where nothing is stored that counts them."""
    question = _rows((("value", by),), "count", asked, asked.cutoff.day())
    if question is None:
        return None
    place = {code.value: number for number, code in enumerate(tallies.COUNTED[by])}

    def read() -> Written:
        cities = session.execute(question)
        return _written(cities, _NAMES, ", ", key=lambda row: place[row.split('"', 4)[3]], with_of=True)

    return _tallies.of(session, (by, asked, asked.cutoff.day()), read)


def by_kind(session: Session, asked: CommitmentFilter) -> Written | None:
    """The rows of `tallies.by_kind`, each on a line; none where nothing is stored that counts them."""
    question = _rows((("kind", "kind"), ("execution", "execution")), "number", asked, asked.cutoff.day())
    if question is None:
        return None

    def read() -> Written:
        # Their texts sort as kinds and statuses do.
        return _written(session.execute(question), _OF_KIND, ",\n")

    return _kinds.of(session, (asked, asked.cutoff.day()), read)


@lru_cache(maxsize=64)
def _rows(said: tuple[tuple[str, str], ...], number: str, asked: CommitmentFilter, today: date) -> Question | None:
    """City by city its `rows` in any order, each `"kind": "…", …, "number": 5`, and the sum of those numbers (`of`).

    `said` is each name that a column is told under, with that column.
    """
    found = counts.numbers(tuple(column for _, column in said), asked, today)
    if found is None:
        return None
    row: ColumnElement[str] = literal("")
    for name, column in said:
        row = row + literal(f'"{name}": "') + type_coerce(found.c[column], String) + literal('", ')
    row = row + literal(f'"{number}": ') + cast(found.c.count, String)
    of_city = select(
        found.c.jurisdiction_id,
        func.aggregate_strings(row, _PARTED).label("rows"),
        func.sum(found.c.count).label("of"),
    ).group_by(found.c.jurisdiction_id).subquery("of_city")  # fmt: skip
    return counts.by_city(asked, of_city, of_city.c.rows, of_city.c.of)


def _written(
    cities: Iterable[Any],
    names: Sequence[str],
    parted: str,
    *,
    key: Callable[[str], Any] | None = None,
    with_of: bool = False,
) -> Written:
    """The rows of every city: what it is called, what is counted, and where wanted of how many."""
    texts, number = [], 0
    for city in cities:
        rows = sorted(city.rows.split(_PARTED), key=key)
        begins = "".join(f'"{name}": {json.dumps(getattr(city, name), ensure_ascii=False)}, ' for name in names)
        ends = f', "of": {city.of}}}' if with_of else "}"
        texts.append(f"{{{begins}{f'{ends}{parted}{{{begins}'.join(rows)}{ends}".encode())
        number += len(rows)
    return Written(parted.encode().join(texts), number)
