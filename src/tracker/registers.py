"""The list of commitments page by page: fifty rows in the order of the documents, with the heads above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, false, func, or_, select
from sqlalchemy.orm import Session

from tracker import deadlines
from tracker.codebook import Execution, Light, Timeliness
from tracker.filters import CommitmentFilter
from tracker.models import Commitment
from tracker.queries import commitments
from tracker.records import Record
from tracker.standings import Question

#: Rows of a page.
PAGE = 50

#: Most rows that are shown at once; more is a file.
MOST = 2000

#: What a list shows of a commitment: fields of the published record, and where it stands in its document.
_SHOWN = tuple(
    """
    id document_id position code city city_en city_code city_slug document turn question question_head_missing
    quote focus parent is_leaf stands_alone title_zh title_en kind
    deadline_text deadline_kind deadline_rule window_start window_end
    execution timeliness light due_on effective_on effective_precision reviewed_up_to
    summary summary_en verdict disputed
    """.split()  # noqa: SIM905 - thirty names are read more easily as lines
)


@dataclass(frozen=True)
class Counted:
    """How many rows a list has."""

    rows: int
    #: of these, the commitments that can be followed up: the others only group their parts
    followable: int
    #: of those, the ones that somebody has reviewed; 0 where that was not asked
    reviewed: int
    #: of a search, the ids of all rows in order: to count what it finds takes as long as to find it
    ids: tuple[int, ...] | None = None

    def pages(self, size: int = PAGE) -> int:
        return max(1, -(-self.rows // size))


@dataclass(frozen=True)
class Leaf:
    """A page of a list: its rows, those that were asked for by code, and the heads of others among them."""

    rows: list[Record]
    found: set[str]


def counted(session: Session, asked: CommitmentFilter, *, with_reviewed: bool = False) -> Counted:
    """How many commitments fit. How many are reviewed takes a look at each, so it is found where it is wanted."""
    if asked.search:
        found = session.execute(commitments(asked, only=("id", "is_leaf", "stands_alone"))).all()
        return Counted(
            len(found), sum(row.is_leaf or row.stands_alone for row in found), 0, tuple(row.id for row in found)
        )
    only = ("is_leaf", "stands_alone", *(["execution"] if with_reviewed else []))
    rows = commitments(asked, only=only).order_by(None).subquery("rows")
    followable = or_(rows.c.is_leaf, rows.c.stands_alone)
    reviewed = and_(followable, rows.c.execution != Execution.NOT_REVIEWED.value) if with_reviewed else false()
    row = session.execute(select(func.count(), _sum(followable), _sum(reviewed)).select_from(rows)).one()
    return Counted(*row)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(cast(condition, Integer)), 0), Integer)


def leaf(session: Session, asked: CommitmentFilter, page: int | None, ids: Sequence[int] | None = None) -> Leaf:
    """The rows of a page (from 1), or of all where none is named, with the heads that their parts stand under.

    `ids` are those of all rows, where they are known.
    """
    which = commitments(asked, only=_SHOWN)
    if page is not None:
        # What a page shows is read of the fifty that stand on it, not of those before them.
        first = (page - 1) * PAGE
        asked_for = commitments(asked, only=("id",)).limit(PAGE).offset(first)
        on_it = asked_for if ids is None else ids[first : first + PAGE]
        which = commitments(CommitmentFilter(cutoff=asked.cutoff), only=_SHOWN).where(Commitment.id.in_(on_it))
    found = [_shown(row) for row in session.execute(which).mappings()]
    codes = {row["code"] for row in found}
    above = {row["parent"] for row in found if row["parent"]} - codes
    heads = [_shown(row) for row in session.execute(_heads(asked, above)).mappings()] if above else []
    return Leaf(sorted([*heads, *found], key=lambda row: (row["document_id"], row["position"])), codes)


def _heads(asked: CommitmentFilter, codes: set[str]) -> Question:
    every = commitments(CommitmentFilter(cutoff=asked.cutoff), only=_SHOWN)
    return every.where(Commitment.code.in_(codes))


def _shown(row: Any) -> Record:
    shown = dict(row)
    rule, light = shown["deadline_rule"], shown["light"]
    shown["deadline_is_convention"] = rule.is_convention if rule else None
    shown["timeliness"] = Timeliness(shown["timeliness"])
    shown["light"] = Light(light) if light else None
    shown["light_rule"] = deadlines.LIGHT_RULE if light else None
    return shown
