"""Questions to the ledger. Each returns a `Select` that names all it shows.

`as_of` asks what was true on a day, `recorded_by` what had been written down by the end of a day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnClause, Integer, Select, String, bindparam, exists, func, inspect, select
from sqlalchemy.sql import visitors

from tracker import columns, filters, stands
from tracker.codebook import PublicationState
from tracker.filters import CommitmentFilter
from tracker.models import Commitment, Jurisdiction, Person, Post, SourceDocument, Turn
from tracker.standings import Cutoff, Question
from tracker.stands import Join, Stand, current


def commitments(asked: CommitmentFilter, *, only: Collection[str] = ()) -> Question:
    """Every commitment asked for, with quote, question and standing, in the order of the documents.

    Columns are named as in the published record (`records.py`), beside `id` and `document_id`. `only` names those
    that are wanted, also of `columns.bounds`: what neither they nor the filter speak of is not read.
    """
    return _commitments(asked, tuple(only), asked.cutoff.day())


def coded(code: str, cutoff: Cutoff) -> tuple[Question, dict[str, str]]:
    """The commitment with a code, published or not, with all its columns: the question, and what it is asked with."""
    return _coded(cutoff, cutoff.day()), {"code": code}


@lru_cache(maxsize=32)
def _coded(cutoff: Cutoff, _today: date) -> Question:
    every = commitments(CommitmentFilter(cutoff=cutoff, unpublished=True))
    return every.where(Commitment.code == bindparam("code", type_=String))


def numbered(cutoff: Cutoff, *, unpublished: bool) -> Question:
    """Some commitments by their numbers (`ids`), with all their columns, in the order of the documents."""
    return _numbered(cutoff, cutoff.day(), unpublished=unpublished)


@lru_cache(maxsize=32)
def _numbered(cutoff: Cutoff, _today: date, *, unpublished: bool) -> Question:
    every = commitments(CommitmentFilter(cutoff=cutoff, unpublished=unpublished))
    return every.where(Commitment.id.in_(bindparam("ids", expanding=True, type_=Integer)))


@lru_cache(maxsize=128)
def _commitments(asked: CommitmentFilter, only: tuple[str, ...], _today: date) -> Question:
    """The question, put together once a day: to build it takes longer than to answer it for a page."""
    stand = stands.stand(asked.cutoff)
    schedule = columns.schedule(stand, asked.cutoff)
    found = columns.found(stand, schedule)
    named = {column.key: column for column in columns.every(stand, schedule, found)}
    if only:
        named |= {column.key: column for column in columns.bounds()}
    rows = select(*(named[name] for name in only or named))
    rows = rows.where(*filters.scope(asked), *filters.narrowing(asked, found))
    # Of some cities an index of commitments has the order; along that of all that stands, all would be read.
    by = (Commitment.document_id, Commitment.position) if asked.cities else place(rows)
    return _joined(rows, stand).order_by(*by)


def place(rows: Question) -> tuple[Any, Any]:
    """The order of the documents, unique to each commitment, by the columns that a question can walk along.

    To be asked before the columns of the question are taken away.
    """
    row = current if inspect(current).selectable in _spoken_of(rows) else Commitment
    return row.document_id, row.position


def _joined(rows: Question, stand: Stand) -> Question:
    """The rows, joined with whatever their columns and conditions speak of. No join leaves a commitment out."""
    spoken_of = _spoken_of(rows)
    joins: list[Join] = [
        (Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id, False),
        (Person, Commitment.speaker_id == Person.id, True),
        (Post, Commitment.post_id == Post.id, True),
        (SourceDocument, Commitment.document_id == SourceDocument.id, False),
        (columns.quote, Commitment.passage_id == columns.quote.id, False),
        (columns.focus, Commitment.focus_id == columns.focus.id, True),
        (Turn, Commitment.turn_id == Turn.id, True),
        (columns.parent, Commitment.parent_id == columns.parent.id, True),
        *stand.joins,
    ]
    # A table may be joined on one that stands before it.
    for table, condition, _ in reversed(joins):
        if inspect(table).selectable in spoken_of:
            spoken_of |= _tables(condition)
    rows = rows.select_from(Commitment)
    for table, condition, optional in joins:
        if inspect(table).selectable in spoken_of:
            rows = rows.join(table, condition, isouter=optional)
    return rows


def _spoken_of(rows: Question) -> set[Any]:
    """The tables that the columns and conditions of a question read."""
    return _tables(*rows.selected_columns, *([] if rows.whereclause is None else [rows.whereclause]))


def _tables(*clauses: Any) -> set[Any]:
    """What some expressions read columns of."""
    parts = (part for clause in clauses for part in visitors.iterate(clause))
    return {part.table for part in parts if isinstance(part, ColumnClause)}


@cache
def cities() -> Question:
    """Every place that has a published commitment, in the order of the documents."""
    # Place by place, one step down an index each; to group all commitments would read them all.
    its_own = (
        Commitment.jurisdiction_id == Jurisdiction.id,
        Commitment.publication_state == PublicationState.PUBLISHED,
    )
    first = select(func.min(Commitment.document_id)).where(*its_own).scalar_subquery()
    return (
        select(Jurisdiction.code, Jurisdiction.slug, Jurisdiction.name_zh, Jurisdiction.name_en)
        .where(first.is_not(None))
        .order_by(first, Jurisdiction.id)
    )


def number_of_texts() -> Select[int]:
    """How many documents a published commitment is from."""
    said = exists().where(
        Commitment.document_id == SourceDocument.id, Commitment.publication_state == PublicationState.PUBLISHED
    )
    return select(func.count()).select_from(SourceDocument).where(said)
