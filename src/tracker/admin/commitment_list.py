"""The list of commitments: the rows that answer what its address asks for.

What is shown comes from `queries.commitments`, as everywhere else; here it is only sorted and paged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, NoReturn

from flask import abort
from sqlalchemy import BigInteger, Row, Select, bindparam, select
from sqlalchemy.orm import Session

from tracker import queries, registers, tallies, walks
from tracker.admin.commitment_address import Asked
from tracker.codebook import Coded, Execution, Kind, Timeliness
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.models import Commitment
from tracker.registers import Counted
from tracker.rows import read_along
from tracker.standings import Cutoff, Question
from tracker.walks import Mark, Place, among

#: What a row of the list shows; nothing else is read.
_SHOWN = """
    id code city city_en city_code parent is_leaf stands_alone title_zh title_en kind execution timeliness
    deadline_text deadline_kind window_end due_on slippage_days light effective_on reviewed_up_to summary
    verdict disputed next_check publication_state document_id position
""".split()  # noqa: SIM905 - twenty names are read more easily as lines

#: The column that each order goes by (of titles the one in the reader's language), and the order of its codes.
_BY: dict[str, tuple[str, type[Coded] | None]] = {
    "title": ("title_", None),
    "city": ("city_code", None),
    "kind": ("kind", Kind),
    "status": ("execution", Execution),
    "timeliness": ("timeliness", Timeliness),
    "deadline": ("window_end", None),
    "checked": ("reviewed_up_to", None),
    "next_check": ("next_check", None),
}


@dataclass(frozen=True)
class Found:
    """A page of the list, and how many commitments there are in all, or `at_least`."""

    count: int
    at_least: bool
    rows: list[Row[Any]]
    #: none where not all were counted; `goes_on` then tells whether there is another one
    pages: int | None
    goes_on: bool
    #: what leads to the pages near it
    mark: str = ""


def found(session: Session, asked: Asked) -> Found:
    """The page asked for; 404 beyond the last one."""
    size = asked.size
    if size is None:
        every = list(session.execute(_in_that_order(asked)).all())
        if asked.page:
            _no_such_page()
        return Found(len(every), at_least=False, rows=every, pages=1, goes_on=False)
    asked = replace(asked, which=walks.settled(session, asked.which))
    fits = registers.counted(session, asked.which) if registers.is_kept(asked.which) else None
    rows, goes_on = _page(session, asked, size, fits.rows if fits else None)
    if asked.page and not rows:
        _no_such_page()
    if fits is None:
        are_all = not asked.page and not goes_on
        fits = Counted(len(rows), len(rows)) if are_all else registers.counted(session, asked.which)
    pages = None if fits.at_least else fits.pages(size)
    count = max(fits.rows, size * asked.page + len(rows)) if fits.at_least else fits.rows
    return Found(count, fits.at_least, rows, pages, goes_on, _mark(asked, rows))


def _in_that_order(asked: Asked) -> Question:
    rows = queries.commitments(asked.which, only=_SHOWN)
    return _ordered(rows, asked.sort, _column(asked), desc=asked.desc)


def _no_such_page() -> NoReturn:
    abort(404, t("没有这一页。", "There is no such page."))


def _mark(asked: Asked, rows: list[Row[Any]]) -> str:
    if asked.sort != "code" or asked.desc or not rows:
        return ""
    number = asked.page * (asked.size or 0) + len(rows)
    return Mark(number, Place(rows[-1].document_id, rows[-1].position)).said


def _page(session: Session, asked: Asked, size: int, count: int | None) -> tuple[list[Row[Any]], bool]:
    """The rows of a page of so many, and whether others come after them; `count` is how many there are, where known."""
    which, today = asked.which, asked.which.cutoff.day()
    if asked.sort != "code":
        values = {"most": size + 1, "skip": size * asked.page}
        rows = session.execute(_sorted(which, asked.sort, asked.desc, _column(asked), today), values).all()
        return list(rows[:size]), len(rows) > size
    way = walks.to_page(asked.page + 1, size, None if asked.desc else asked.near, count)
    walk, values = walks.walk(which, replace(way, back=way.back is not asked.desc))
    rows = read_along(session, _walked(walk, which.cutoff, today), values)
    found = sorted(rows, key=lambda row: (row.document_id, row.position), reverse=asked.desc)
    goes_on = way.back or len(found) > size
    return found[:size], goes_on if count is None else size * (asked.page + 1) < count


@lru_cache(maxsize=128)
def _walked(walk: Select[Any], cutoff: Cutoff, _today: date) -> Question:
    """What the list shows of the commitments of a walk."""
    found = walk.cte("found")
    rows = queries.commitments(CommitmentFilter(cutoff=cutoff, unpublished=True), only=_SHOWN).order_by(None)
    return rows.where(among(Commitment.id, select(found.c.id).scalar_subquery()))


@lru_cache(maxsize=128)
def _sorted(which: CommitmentFilter, sort: str, desc: bool, column: str, _today: date) -> Question:  # noqa: FBT001
    """What the list shows of a page in another order than that of the documents.

    First the numbers of the page's commitments are found, by what the filter and the order need; only of these is
    read what the list shows.
    """
    numbers = _ordered(queries.commitments(which, only=["id", column]), sort, column, desc=desc)
    wanted = numbers.with_only_columns(Commitment.id).correlate(None)
    page = wanted.limit(bindparam("most", type_=BigInteger)).offset(bindparam("skip", type_=BigInteger))
    any_of_them = CommitmentFilter(cutoff=which.cutoff, unpublished=True)
    rows = queries.commitments(any_of_them, only=_SHOWN).where(among(Commitment.id, page.scalar_subquery()))
    return _ordered(rows, sort, column, desc=desc)


def one(session: Session, code: str, asked: Asked) -> Row[Any]:
    """One row as the list shows it, whether or not it is among what is asked for."""
    which = CommitmentFilter(code=code, cutoff=asked.which.cutoff, unpublished=True)
    return session.execute(queries.commitments(which, only=_SHOWN)).one()


def _column(asked: Asked) -> str:
    """The column that the order goes by, beside the place in the documents."""
    name, _ = _BY.get(asked.sort, ("id", None))
    return f"title_{current()}" if name == "title_" else name


def _ordered(rows: Question, sort: str, column: str, *, desc: bool) -> Question:
    """In the order asked for. Document and position, unique together, come last: no row is shown twice or lost."""
    place, rows = queries.place(rows), rows.order_by(None)
    if sort == "code":
        return rows.order_by(*((one.desc() for one in place) if desc else place))
    wanted, (_, codes) = rows.selected_columns[column], _BY[sort]
    wanted = tallies.rank(wanted, codes) if codes else wanted
    return rows.order_by((wanted.desc() if desc else wanted.asc()).nulls_last(), *place)
