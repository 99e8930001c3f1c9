"""How much waits on each work list, city by city, from the counts that are stored.

What stands on a list is said in `worklists.py`, as a question to the list of commitments; these are its numbers.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from tracker.codebook import Execution, PublicationState
from tracker.counts import NOT_DONE
from tracker.models import AuthorCount, DayCount, Jurisdiction, StandingCount
from tracker.standings import Cutoff, Question

#: Days ahead that a date counts as soon.
SOON = 30

#: Days after which a search is old.
STALE = 90

#: What is completed need not be searched for again and again.
OPEN_STILL = tuple(code for code in Execution if code is not Execution.NOT_REVIEWED and not code.is_done)


def counts(person: int) -> CompoundSelect[Any]:
    """City code × kind: how many commitments stand on each list, a column for each, to be added up.

    Kind is null where the stored counts are not by kind. `awaiting_mine` and `returned_mine` are those of which
    `person` (a user's id) wrote the assessment.
    """
    return union_all(_by_standing(), *_by_day(Cutoff().day()), _by_author(person))


#: Columns of the counts, in the order in which every part of them is read.
_COUNTS = (
    "returned", "awaiting", "overdue", "due_soon", "look_again", "disputed", "stale", "horizon", "never",
    "awaiting_mine", "returned_mine",
)  # fmt: skip


def _by_standing() -> Question:
    """What does not depend on the day. Of what is still open, all has been searched for too long ago …"""
    table = StandingCount
    still = table.execution.in_(OPEN_STILL)
    numbers = {
        "returned": func.sum(table.returned),
        "awaiting": func.sum(table.awaiting),
        "disputed": func.sum(table.disputed),
        "stale": func.sum(case((still, table.commitments), else_=0)),
        "never": func.sum(case((table.execution == Execution.NOT_REVIEWED, table.followable), else_=0)),
    }
    return _part(table, numbers, table.approved_only.is_(False), kind=table.kind)


def _by_day(day: date) -> list[Question]:
    """What depends on the day: … but for what was searched for lately.

    Each list by itself, so that a database walks city by city to the days that are wanted and passes by the others.
    """
    table, soon = DayCount, day + timedelta(days=SOON)
    of_list = {
        "overdue": (table.what.in_(NOT_DONE), table.day < day),
        "due_soon": (table.what.in_(NOT_DONE), table.day.between(day, soon)),
        "look_again": (table.what == "next_check", table.day <= day),
        "horizon": (table.what == "horizon_open", table.day.between(day, soon)),
        "stale": (table.what == "searched", table.day >= day - timedelta(days=STALE)),
    }
    number = func.sum(table.commitments)
    fits = (table.approved_only.is_(False), table.jurisdiction_id.in_(select(Jurisdiction.id)))
    return [
        _part(table, {name: -number if name == "stale" else number}, *fits, *wanted) for name, wanted in of_list.items()
    ]


def _by_author(person: int) -> Question:
    table = AuthorCount
    numbers = {"awaiting_mine": func.sum(table.awaiting), "returned_mine": func.sum(table.returned)}
    return _part(table, numbers, table.analyst_id == person)


def _part(table: Any, numbers: dict[str, Any], *fits: ColumnElement[bool], kind: Any = None) -> Question:
    """The rows of a table of counts by city, with a column for every list."""
    by = [Jurisdiction.code, *([] if kind is None else [kind])]
    said = cast(null(), String) if kind is None else cast(kind, String)
    columns = (cast(numbers.get(name, literal(0)), Integer).label(name) for name in _COUNTS)
    rows = select(Jurisdiction.code.label("city_code"), said.label("kind"), *columns)
    followed = table.publication_state.in_([PublicationState.DRAFT, PublicationState.PUBLISHED])
    return rows.join(table, table.jurisdiction_id == Jurisdiction.id).where(followed, *fits).group_by(*by)
