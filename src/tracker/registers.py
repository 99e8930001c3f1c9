"""The list of commitments page by page: fifty rows in the order of the documents, with the heads above them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from tracker import counts, deadlines, walks
from tracker.codebook import Execution, Light, Timeliness
from tracker.filters import CommitmentFilter
from tracker.models import Commitment, SourceDocument
from tracker.outline import is_followable
from tracker.queries import commitments
from tracker.records import Record
from tracker.rows import read_along
from tracker.standings import Cutoff, Question
from tracker.walks import Mark, Place, Way, among

#: Rows of a page.
PAGE = 50

#: Most rows that are shown at once; more is a file.
MOST = 2000

#: Most commitments that are looked at to count those that fit, where no count is kept; fewer where words are looked for
#: in each, or how it stood on another day has to be derived.
_LOOKED_AT, _LOOKED_BACK_AT = 2000, 500

#: What a list shows of a commitment: fields of the published record, where it stands in its document, and where the
#: words begin and end that are cut out of that.
_SHOWN = tuple(
    """
    id document_id position code city city_en city_code city_slug document turn question_head_missing
    start end focus_start focus_end question_start question_end parent is_leaf stands_alone title_zh title_en kind
    deadline_text deadline_kind deadline_rule window_start window_end
    execution timeliness light due_on effective_on effective_precision reviewed_up_to
    summary summary_en verdict disputed
    """.split()  # noqa: SIM905 - thirty names are read more easily as lines
)


#: The words of a commitment, by the columns that say where they begin and end.
_STRETCHES = (
    ("quote", "start", "end"),
    ("focus", "focus_start", "focus_end"),
    ("question", "question_start", "question_end"),
)


@dataclass(frozen=True)
class Counted:
    """How many rows a list has."""

    rows: int
    #: of these, the commitments that can be followed up: the others only group their parts
    followable: int
    #: of those, the ones that somebody has reviewed; none where that was not asked, or would take long to find out
    reviewed: int | None = None
    #: whether there may be more: not all were looked at
    at_least: bool = False

    def pages(self, size: int = PAGE) -> int:
        return max(1, -(-self.rows // size))


@dataclass(frozen=True)
class Leaf:
    """A page of a list: its rows, those of them that were asked for by code, and the heads of others among them."""

    rows: list[Record]
    found: set[str]
    #: where the last that was asked for stands; none where there is none
    ends: Place | None
    #: whether others come after it
    goes_on: bool


def counted(session: Session, asked: CommitmentFilter, *, with_reviewed: bool = False) -> Counted:
    """How many commitments fit, from what is stored; of a question that no count is kept of, `at_least` so many.

    How many had been reviewed on another day takes a look at each: it is found where it is wanted and they are few.
    """
    if asked.search and not asked.looked_through:
        # What holds a rare word is soon found, and with it how much that is.
        return Counted(*session.execute(_counts(asked)).one())
    stored = counts.counted(_now(asked))
    if stored is None or not is_kept(asked):
        return _at_least(session, asked)
    if not with_reviewed or asked.cutoff.is_now():
        found = session.execute(stored).one()
        is_known = asked.cutoff.is_now() and not asked.timeliness
        return Counted(found.rows, found.followable, found.reviewed if is_known else None)
    fits = stored.subquery("fits").c
    then = _counts(asked, with_reviewed=True)
    reviewed = then.with_only_columns([*then.selected_columns][-1], maintain_column_froms=True).scalar_subquery()
    few = case((fits.rows <= _LOOKED_BACK_AT, reviewed))
    return Counted(*session.execute(select(fits.rows, fits.followable, few)).one())


def _now(asked: CommitmentFilter) -> CommitmentFilter:
    """The same, asked of today."""
    return replace(asked, cutoff=Cutoff(approved_only=asked.cutoff.approved_only))


def _counts(asked: CommitmentFilter, *, with_reviewed: bool = False) -> Question:
    """How many commitments fit, of these how many can be followed up, and of those how many are reviewed."""
    only = ("is_leaf", "stands_alone", *(["execution"] if with_reviewed else []))
    each = commitments(asked, only=only).order_by(None).subquery("rows").c
    followable = or_(each.is_leaf, each.stands_alone)
    counts = select(func.count(), _sum(followable)).select_from(each.is_leaf.table)
    if not with_reviewed:
        return counts
    return counts.add_columns(_sum(and_(followable, each.execution != Execution.NOT_REVIEWED.value)))


def fitting(session: Session, asked: CommitmentFilter, page: int | None, leaf: Leaf) -> Counted:
    """How many commitments fit where only a page of them was read: those, if they are all."""
    rows = [row for row in leaf.rows if row["code"] in leaf.found]
    followable = sum(map(is_followable, rows))
    if page in {1, None} and not leaf.goes_on:
        return Counted(len(rows), followable)
    found = counted(session, asked)
    if not found.at_least:
        return found
    seen = PAGE * ((page or 1) - 1) + len(rows) + leaf.goes_on
    return replace(found, rows=max(found.rows, seen), followable=max(found.followable, followable))


def is_kept(asked: CommitmentFilter) -> bool:
    """Whether a count is kept of it: what was promised is the same on any day, how it stood is counted for today."""
    return (asked.cutoff.is_now() or not (asked.executions or asked.timeliness)) and (
        counts.counted(_now(asked)) is not None
    )


def _at_least(session: Session, asked: CommitmentFilter) -> Counted:
    """How many fit of the first that there are of its cities, whatever else is asked of them."""
    most = _LOOKED_AT if asked.cutoff.is_now() and not asked.search else _LOOKED_BACK_AT
    rows, followable, are_all = walks.fitting(session, asked, most)
    return Counted(rows, followable, at_least=not are_all)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(cast(condition, Integer)), 0), Integer)


def leaf(
    session: Session,
    asked: CommitmentFilter,
    page: int | None,
    fits: Counted | None = None,
    near: Mark | None = None,
) -> Leaf:
    """The rows of a page (from 1), or of all where none is named, with the heads that their parts stand under.

    `fits` is how many there are, where that is known, and `near` a row from which they are soon found.
    """
    if page is None:
        return _read(session, asked, Way(MOST + 1))
    way = walks.to_page(page, PAGE, near, fits.rows if fits and not fits.at_least else None)
    found = _read(session, asked, way)
    return replace(found, goes_on=PAGE * page < fits.rows) if fits and not fits.at_least else found


def _read(session: Session, asked: CommitmentFilter, way: Way) -> Leaf:
    """What is shown of the rows of a walk, and of the heads above them; of one forwards, the last tells of more."""
    walk, values = walks.walk(asked, way)
    rows = read_along(session, _shown_rows(walk, asked.cutoff, asked.cutoff.day()), values)
    texts = {row.document_id: row.text for row in rows if row.text is not None}
    shown = [_shown(dict(zip(row._fields, row, strict=True)), texts) for row in rows]
    shown.sort(key=lambda row: (row["document_id"], row["position"]))
    found = [row for row in shown if row["was_found"]]
    if goes_on := not way.back and len(found) == way.most:
        shown.remove(found.pop())
    codes = {row["code"] for row in found}
    ends = Place(found[-1]["document_id"], found[-1]["position"]) if found else None
    return Leaf(shown, codes, ends, goes_on or way.back)


@lru_cache(maxsize=256)
def _shown_rows(walk: Select[Any], cutoff: Cutoff, _today: date) -> Question:
    """What is shown of the commitments of a walk and of their heads, with the text of each document once."""
    found = walk.cte("found")
    ids, heads = select(found.c.id), select(found.c.parent_id).where(found.c.parent_id.is_not(None))
    first = select(func.min(found.c.id)).group_by(found.c.document_id)
    rows = commitments(CommitmentFilter(cutoff=cutoff), only=_SHOWN).order_by(None)
    return rows.add_columns(
        Commitment.id.in_(ids).label("was_found"), case((Commitment.id.in_(first), SourceDocument.text)).label("text")
    ).where(among(Commitment.id, ids.union_all(heads).scalar_subquery()))


def _shown(row: Record, texts: dict[int, str]) -> Record:
    """A row as a list shows it, with its words cut out of the text."""
    text, rule, light = texts[row["document_id"]], row["deadline_rule"], row["light"]
    for name, start, end in _STRETCHES:
        row[name] = text[row[start] : row[end]] if row[start] is not None else None
    row["deadline_is_convention"] = rule.is_convention if rule else None
    row["timeliness"] = Timeliness(row["timeliness"])
    row["light"] = Light(light) if light else None
    row["light_rule"] = deadlines.LIGHT_RULE if light else None
    return row
