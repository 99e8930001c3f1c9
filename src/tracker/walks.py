"""A list walked in the order of the documents: from its beginning, its end, or a place in it, as far as is asked.

Rows are found by where they stand and not by counting those before them, so that a page deep in a list costs what the
first one does. Each question is put together once and then asked again with other values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, Row, Select, String, bindparam, case, cast, func, select, tuple_, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from tracker import queries, search
from tracker.filters import CommitmentFilter
from tracker.models import Commitment, Jurisdiction
from tracker.rows import read_along
from tracker.standings import Question

#: Most cities that are each walked by themselves; of more, all commitments are walked past.
_EACH = 12


#: More rows than any list has, and the largest number of one.
_LARGEST = 2**31 - 1

#: A mark as it stands in an address: three numbers.
_MARK = re.compile(r"[1-9][0-9]{0,9}-[0-9]{1,10}-[0-9]{1,10}")


class Place(NamedTuple):
    """Where a commitment stands in the order of all."""

    document_id: int
    position: int


@dataclass(frozen=True)
class Way:
    """From where a walk goes, in which direction, past how many rows, and how many it then takes."""

    most: int
    skip: int = 0
    #: the place after which it begins, or with `back` the one that it begins with; else one end of the list
    beyond: Place | None = None
    #: towards the beginning
    back: bool = False

    def values(self) -> dict[str, int]:
        """What a question of a walk is asked with."""
        place = self.beyond._asdict() if self.beyond else {}
        return {**place, "most": self.most, "skip": self.skip, "enough": self.most + self.skip}


class Mark(NamedTuple):
    """A row that was seen, the how-manieth of its list it is, and its place: pages near it are found from there."""

    number: int
    place: Place

    @property
    def said(self) -> str:
        """As it stands in an address: `100-118-7`."""
        return "-".join(map(str, (self.number, *self.place)))


def mark(said: str) -> Mark:
    """The row that an address names. Raises `ValueError` for what is no mark."""
    if not _MARK.fullmatch(said) or max(map(int, said.split("-"))) > _LARGEST:
        raise ValueError(said)
    number, document_id, position = map(int, said.split("-"))
    return Mark(number, Place(document_id, position))


def to_page(page: int, size: int, near: Mark | None = None, rows: int | None = None) -> Way:
    """The shortest way to a page (from 1) of so many rows, of a list of `rows` in all where that is known.

    Forwards it takes one row more, which tells that there is a next page.
    """
    before = size * (page - 1)
    ways = [Way(size + 1, before)]
    if near and before >= near.number:
        ways.append(Way(size + 1, before - near.number, near.place))
    elif near and before + size < near.number:
        ways.append(Way(size, near.number - before - size, near.place, back=True))
    pages = max(1, -(-(rows or 0) // size))
    if rows and 1 < page <= pages:
        on_the_last = rows - size * (pages - 1)
        skip = on_the_last + size * (pages - page - 1)
        ways.append(Way(size, skip, back=True) if page < pages else Way(on_the_last, back=True))
    return min(ways, key=lambda way: way.skip)


def walk(asked: CommitmentFilter, way: Way) -> tuple[Select[Any], dict[str, Any]]:
    """The commitments asked for that a way leads past, each by its numbers: its own, its head's, and its place.

    As a question, the same for every walk of its kind, and the values that it is asked with.
    """
    which, values = _named(asked)
    question = _walk(which, len(values), way.beyond is not None, way.back, asked.cutoff.day())
    return question, values | way.values()


def steps(session: Session, asked: CommitmentFilter, way: Way) -> Sequence[Row[Any]]:
    """The rows of a walk."""
    return read_along(session, *walk(asked, way))


class among(FunctionElement[bool]):  # noqa: N801 - reads as the SQL it is
    """Whether a number is among the few that a question gives: these are found first, and then looked up."""

    inherit_cache = True


@compiles(among, "sqlite")
def _among_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    number, few = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{number} IN {few}"


@compiles(among, "postgresql")
def _among_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    # Of many tables it would join the first eight as they stand, whole, before it looks at which rows are wanted.
    number, few = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{number} = ANY (ARRAY{few})"


def settled(session: Session, asked: CommitmentFilter) -> CommitmentFilter:
    """The same question, with it settled how words are looked for."""
    return replace(asked, looked_through=bool(asked.search) and search.is_frequent(session, asked.search))


def fitting(session: Session, asked: CommitmentFilter, most: int) -> tuple[int, int, bool]:
    """How many of the first `most` commitments of its cities fit and can be followed up, and if these are all."""
    which, values = _named(asked)
    count = _count(which, len(values), asked.cutoff.day())
    rows, followable, looked_at = tuple(read_along(session, count, values | Way(most + 1).values())[0])
    return rows, followable, looked_at <= most


def _named(asked: CommitmentFilter) -> tuple[CommitmentFilter, dict[str, Any]]:
    """What is asked for without its cities where each is walked by itself, and these as values of the question."""
    if len(asked.cities) > _EACH:
        return asked, {}
    return replace(asked, cities=()), {f"city_{number}": code for number, code in enumerate(asked.cities)}


@lru_cache(maxsize=256)
def _walk(asked: CommitmentFilter, cities: int, seeks: bool, back: bool, _today: date) -> Select[Any]:  # noqa: FBT001
    """The question of a walk."""
    ways = [_in_order(*way, back=back) for way in _paths(asked, cities, seeks=seeks, back=back)]
    # A page may be asked for whose rows no 32-bit integer counts.
    most, skip = bindparam("most", type_=BigInteger), bindparam("skip", type_=BigInteger)
    if len(ways) == 1:
        return ways[0].limit(most).offset(skip)
    enough = bindparam("enough", type_=BigInteger)
    found = union_all(*(select(way.limit(enough).subquery()) for way in ways)).subquery("found")
    return _in_order(select(found), (found.c.document_id, found.c.position), back=back).limit(most).offset(skip)


@lru_cache(maxsize=256)
def _count(asked: CommitmentFilter, cities: int, today: date) -> Select[int, int, int]:
    """The question how many rows of the first ones fit, are followed up, and were looked at."""
    any_of_them = CommitmentFilter(asked.cities, unpublished=asked.unpublished)
    first = _walk(any_of_them, cities, False, False, today).cte("first")  # noqa: FBT003
    rows = queries.commitments(asked, only=("is_leaf", "stands_alone")).order_by(None)
    each = rows.where(among(Commitment.id, select(first.c.id).scalar_subquery())).subquery("each").c
    followable = case((each.is_leaf | each.stands_alone, 1), else_=0)
    looked_at = select(func.count()).select_from(first).scalar_subquery()
    return select(func.count(), cast(func.coalesce(func.sum(followable), 0), Integer), looked_at)


#: A walk before it is put in order, and the columns of its order.
_Path = tuple[Question, tuple[Any, Any]]


def _paths(asked: CommitmentFilter, cities: int, *, seeks: bool, back: bool) -> list[_Path]:
    """The walks of a question: through each city, or else of each status, by itself, where an index has their order."""
    if cities:
        return [_path(asked, number, seeks=seeks, back=back) for number in range(cities)]
    if len(asked.executions) > 1 and asked.cutoff.is_now() and not asked.any_of:
        each = [replace(asked, executions=(code,)) for code in asked.executions]
        return [_path(one, None, seeks=seeks, back=back) for one in each]
    return [_path(asked, None, seeks=seeks, back=back)]


def _path(asked: CommitmentFilter, city: int | None, *, seeks: bool, back: bool) -> _Path:
    """A walk through one city, by the number of its name among the values, or through all."""
    rows = queries.commitments(asked, only=("id", "document_id", "position"))
    place = queries.place(rows)
    rows = rows.add_columns(Commitment.parent_id)
    if city is not None:
        place = Commitment.document_id, Commitment.position
        of = select(Jurisdiction.id).where(Jurisdiction.code == bindparam(f"city_{city}", type_=String))
        rows = rows.where(Commitment.jurisdiction_id == of.correlate(None).scalar_subquery())
    if seeks:
        there = tuple_(*(bindparam(name, type_=Integer) for name in Place._fields))
        rows = rows.where(tuple_(*place) <= there if back else tuple_(*place) > there)
    return rows, place


def _in_order(rows: Question, by: tuple[Any, Any], *, back: bool) -> Question:
    return rows.order_by(None).order_by(*(column.desc() if back else column for column in by))
