"""Follow-ups recorded together: each by the rules of a single one, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, raiseload

from tracker.assessments import record_assessment
from tracker.codebook import Execution
from tracker.filters import NOW
from tracker.findings import Finding
from tracker.models import Commitment, StatusAssessment, User
from tracker.rules import Fault, RuleBroken
from tracker.standings import standing

#: Of an assessment: its commitment, id, execution, effective_on, and who recorded it.
Latest = Row[int, int, Execution, date, str]


@dataclass(frozen=True)
class Entry:
    """One follow-up of a batch, as it was given."""

    #: the row of the sheet that it stands in, or its place among the codes, from 1
    number: int
    #: the code of its commitment
    code: str
    #: none where it could not be read; `faults` then say why
    finding: Finding | None
    next_check: date | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Tried:
    """What became of an entry: recorded, unless there are faults. Holds values only, which outlast a rollback."""

    entry: Entry
    #: of its commitment; empty where none has the code
    title_zh: str
    title_en: str
    #: its last assessment before the batch, by the time of writing
    latest: Latest | None
    before: Execution
    #: how it stands once the whole batch is recorded: an older day does not change a status
    after: Execution
    #: a head that only groups its parts and is not counted
    only_groups: bool
    faults: tuple[Fault, ...]


def record_entries(session: Session, entries: Sequence[Entry], *, analyst: User) -> list[Tried]:
    """Record each entry that keeps the rules, in order; flushed, not committed.

    Where any has faults the caller rolls back: that, and a look before writing, is how nothing is written in part.
    The commitments are locked, so that what is found here still holds when the caller commits.
    """
    rows = _commitments(session, {entry.code for entry in entries})
    keys = [row.id for row in rows.values()]
    latest, before, heads = _latest(session, keys), _standings(session, keys), _only_grouping(session, rows)
    faults = [_recorded(session, rows.get(entry.code), entry, analyst) for entry in _without_repeats(entries)]
    session.flush()
    after = _standings(session, keys)
    return [
        Tried(
            entry=entry,
            title_zh=row.title_zh if row else "",
            title_en=row.title_en if row else "",
            latest=latest.get(key),
            before=before.get(key, Execution.NOT_REVIEWED),
            after=after.get(key, Execution.NOT_REVIEWED),
            only_groups=key in heads,
            faults=broken,
        )
        for entry, broken in zip(entries, faults, strict=True)
        for row in [rows.get(entry.code)]
        for key in [row.id if row else 0]
    ]


def next_check(commitment: Commitment, asked: date | None) -> date | None:
    """The next check: what was asked for; else a day to come stays, and one that has passed is done with."""
    planned = commitment.next_check
    return asked or (planned if planned and planned > datetime.now().astimezone().date() else None)


def _recorded(session: Session, commitment: Commitment | None, entry: Entry, analyst: User) -> tuple[Fault, ...]:
    """Record one entry; or nothing of it, and why."""
    if commitment is None:
        unknown = Fault("code", "code", f"没有编号为“{entry.code}”的承诺", f"no commitment has the code “{entry.code}”")
        # An empty code was told of where it was read.
        return (unknown, *entry.faults) if entry.code else entry.faults
    if entry.faults or entry.finding is None:
        return entry.faults
    try:
        record_assessment(session, commitment, entry.finding, analyst=analyst)
    except RuleBroken as broken:
        return tuple(broken.faults)
    commitment.next_check = next_check(commitment, entry.next_check)
    return ()


def _without_repeats(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, each with a fault that says again what an earlier one says: one commitment on one day."""
    seen: dict[tuple[str, date], int] = {}
    return [replace(entry, faults=(*entry.faults, *_repeat(entry, seen))) for entry in entries]


def _repeat(entry: Entry, seen: dict[tuple[str, date], int]) -> list[Fault]:
    if entry.finding is None:
        return []
    first = seen.setdefault((entry.code, entry.finding.effective_on), entry.number)
    if first == entry.number:
        return []
    return [
        Fault(
            "once", "code",
            f"与第 {first} 行是同一编号、同一生效日：只留一行",
            f"row {first} has the same code and date: keep one of them",
        )
    ]  # fmt: skip


def _commitments(session: Session, codes: set[str]) -> dict[str, Commitment]:
    """Code → commitment, locked in an order that no two batches differ in."""
    rows = select(Commitment).where(Commitment.code.in_(codes)).options(raiseload("*")).order_by(Commitment.id)
    return {row.code: row for row in session.scalars(rows.with_for_update(of=Commitment))}


def _latest(session: Session, keys: list[int]) -> dict[int, Latest]:
    """Commitment → the assessment that was recorded last."""
    last = (
        select(func.max(StatusAssessment.id))
        .where(StatusAssessment.commitment_id.in_(keys))
        .group_by(StatusAssessment.commitment_id)
    )
    rows = (
        select(
            StatusAssessment.commitment_id,
            StatusAssessment.id,
            StatusAssessment.execution,
            StatusAssessment.effective_on,
            User.name.label("analyst"),
        )
        .join(User, StatusAssessment.analyst_id == User.id)
        .where(StatusAssessment.id.in_(last))
    )
    return {row.commitment_id: row for row in session.execute(rows)}


def _standings(session: Session, keys: list[int]) -> dict[int, Execution]:
    found = standing(NOW).subquery()
    rows = select(found.c.commitment_id, found.c.execution).where(found.c.commitment_id.in_(keys))
    return {key: execution for key, execution in session.execute(rows).all()}  # noqa: C416 - rows are no pairs to mypy


def _only_grouping(session: Session, rows: dict[str, Commitment]) -> set[int]:
    heads = [row.id for row in rows.values() if not row.stands_alone]
    return set(session.scalars(select(Commitment.parent_id).where(Commitment.parent_id.in_(heads)).distinct()))
