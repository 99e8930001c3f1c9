"""The list of commitments: the rows that answer what its address asks for.

What is shown comes from `queries.commitments`, as everywhere else; here it is only sorted and paged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from tracker import queries, tallies
from tracker.admin.commitment_address import Asked
from tracker.codebook import Coded, Execution, Kind, Timeliness
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.models import Commitment
from tracker.standings import Question

#: What a row of the list shows; nothing else is read.
_SHOWN = """
    id code city city_en city_code parent is_leaf stands_alone title_zh title_en kind execution timeliness
    deadline_text deadline_kind window_end due_on slippage_days light effective_on reviewed_up_to summary
    verdict disputed next_check publication_state
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
    """A page of the list: how many commitments there are in all, and the rows of this page."""

    count: int
    rows: list[Row[Any]]
    pages: int


def found(session: Session, asked: Asked) -> Found:
    """The page asked for; 404 beyond the last one.

    First the numbers of the page's commitments are found, by what the filter and the order need; only of these is
    read what the list shows. A search is made once: to count what it finds takes as long as to find it.
    """
    every = session.scalars(_numbers(asked)).all() if asked.which.search and asked.size else None
    count = _count(session, asked) if every is None else len(every)
    pages = 1 if asked.size is None else max(1, -(-count // asked.size))
    if asked.page >= pages:
        abort(404, t("没有这一页。", "There is no such page."))
    if asked.size is None:
        rows = queries.commitments(asked.which, only=_SHOWN)
    else:
        first = asked.page * asked.size
        wanted = _numbers(asked).limit(asked.size).offset(first) if every is None else every[first : first + asked.size]
        any_of_them = CommitmentFilter(cutoff=asked.which.cutoff, unpublished=True)
        rows = queries.commitments(any_of_them, only=_SHOWN).where(Commitment.id.in_(wanted))
    return Found(count, list(session.execute(_ordered(rows, asked)).all()), pages)


def one(session: Session, code: str, asked: Asked) -> Row[Any]:
    """One row as the list shows it, whether or not it is among what is asked for."""
    which = CommitmentFilter(code=code, cutoff=asked.which.cutoff, unpublished=True)
    return session.execute(queries.commitments(which, only=_SHOWN)).one()


def _count(session: Session, asked: Asked) -> int:
    numbers = queries.commitments(asked.which, only=["id"]).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(numbers)) or 0


def _numbers(asked: Asked) -> Select[int]:
    """Ids of all that is asked for, in the order asked for."""
    rows = queries.commitments(asked.which, only=["id", *([] if asked.sort == "code" else [_column(asked)])])
    return _ordered(rows, asked).with_only_columns(Commitment.id).correlate(None)


def _column(asked: Asked) -> str:
    name, _ = _BY[asked.sort]
    return f"title_{current()}" if name == "title_" else name


def _ordered(rows: Question, asked: Asked) -> Question:
    """In the order asked for. Document and position, unique together, come last: no row is shown twice or lost."""
    place, rows = queries.place(rows), rows.order_by(None)
    if asked.sort == "code":
        return rows.order_by(*((column.desc() for column in place) if asked.desc else place))
    wanted, (_, codes) = rows.selected_columns[_column(asked)], _BY[asked.sort]
    wanted = tallies.rank(wanted, codes) if codes else wanted
    return rows.order_by((wanted.desc() if asked.desc else wanted.asc()).nulls_last(), *place)
