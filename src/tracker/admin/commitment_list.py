"""The list of commitments: what its address asks for, and the rows that answer it.

What is shown comes from `queries.commitments`, as everywhere else; here it is only sorted and paged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from tracker import queries
from tracker.admin import arguments
from tracker.admin.base import PAGE
from tracker.codebook import DeadlineKind, Execution, Kind, Timeliness
from tracker.language import current, t
from tracker.models import Commitment
from tracker.queries import CommitmentFilter
from tracker.standings import Question

#: What a row of the list shows; nothing else is read.
_SHOWN = """
    id code city city_en city_code parent is_leaf stands_alone title_zh title_en kind execution timeliness
    deadline_text deadline_kind window_end effective_on reviewed_up_to summary disputed next_check publication_state
""".split()  # noqa: SIM905 - twenty names are read more easily as lines

#: Columns that the list can be sorted by, with what stands in the address.
SORTS = ("code", "title", "city", "kind", "status", "timeliness", "deadline", "checked", "next_check")

#: Choices of rows on a page.
SIZES = (str(PAGE), "100", "all")

_ARGUMENTS = ("city", "kind", "status", "timeliness", "deadline", "search", "sort", "desc", "page", "page_size")


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    which: CommitmentFilter
    sort: str
    desc: bool
    #: from 0
    page: int
    #: rows on a page; none for all
    size: int | None


@dataclass(frozen=True)
class Found:
    """A page of the list: how many commitments there are in all, and the rows of this page."""

    count: int
    rows: list[Row[Any]]
    pages: int


def asked(cities: list[str]) -> Asked:
    """The list that the request asks for. `cities` are the codes that may be named. Answers 400 to anything else."""
    arguments.only(_ARGUMENTS)
    size = arguments.one_of("page_size", SIZES) or SIZES[0]
    return Asked(
        which=CommitmentFilter(
            city_code=arguments.one_of("city", cities),
            kind=_code("kind", Kind),
            execution=_code("status", Execution),
            timeliness=_code("timeliness", Timeliness),
            deadline_kind=_code("deadline", DeadlineKind),
            search=arguments.search(),
            unpublished=True,
        ),
        sort=arguments.one_of("sort", SORTS) or "code",
        desc=arguments.one_of("desc", ["0", "1"]) == "1",
        page=arguments.number("page"),
        size=None if size == "all" else int(size),
    )


def _code(name: str, codes: Any) -> Any:
    given = arguments.one_of(name, [code.value for code in codes])
    return codes(given) if given else None


def found(session: Session, asked: Asked) -> Found:
    """The page asked for; 404 beyond the last one."""
    question = queries.commitments(asked.which).order_by(None)
    count = session.scalar(select(func.count()).select_from(question.with_only_columns(Commitment.id).subquery())) or 0
    pages = 1 if asked.size is None else max(1, -(-count // asked.size))
    if asked.page >= pages:
        abort(404, t("没有这一页。", "There is no such page."))
    rows = question.order_by(*_order(question, asked))
    columns = rows.selected_columns
    rows = rows.with_only_columns(*(columns[name] for name in _SHOWN))
    if asked.size is not None:
        rows = rows.limit(asked.size).offset(asked.page * asked.size)
    return Found(count, list(session.execute(rows).all()), pages)


def _order(question: Question, asked: Asked) -> list[Any]:
    """The order asked for. Document and position, unique together, come last: no row is shown twice or lost."""
    place = (Commitment.document_id, Commitment.position)
    if asked.sort == "code":
        return [column.desc() for column in place] if asked.desc else list(place)
    columns = question.selected_columns
    by: dict[str, ColumnElement[Any]] = {
        "title": columns[f"title_{current()}"],
        "city": columns["city_code"],
        "kind": queries.rank(columns["kind"], Kind),
        "status": queries.rank(columns["execution"], Execution),
        "timeliness": queries.rank(columns["timeliness"], Timeliness),
        "deadline": columns["window_end"],
        "checked": columns["reviewed_up_to"],
        "next_check": columns["next_check"],
    }
    wanted = by[asked.sort]
    return [(wanted.desc() if asked.desc else wanted.asc()).nulls_last(), *place]
