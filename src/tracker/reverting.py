"""An edit is taken back by a new, signed change: what it changed is put back as it was, if nobody changed it since.

What is written once is never taken back: it is answered by a later row that corrects it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Enum, FromClause, select
from sqlalchemy.orm import Session

from tracker.codebook import AuditAction, PublicationState
from tracker.models import (
    AuditEvent,
    Base,
    Commitment,
    Jurisdiction,
    Obstacle,
    Organisation,
    Person,
    PolicyDocument,
    Post,
    PostHolding,
    Term,
    Vocabulary,
)
from tracker.models.base import UTCDateTime
from tracker.models.guarded import APPEND_ONLY
from tracker.obstacles import Difficulty, faults_of
from tracker.rules import Fault, RuleBroken

#: The tables that people edit: name → model.
EDITED: dict[str, type[Base]] = {
    model.__tablename__: model
    for model in (
        Commitment, Jurisdiction, Person, Post, PostHolding, Organisation, Vocabulary, Term, PolicyDocument, Obstacle,
    )
}  # fmt: skip

#: Columns that count the edits of a row; they go on counting.
COUNTERS = frozenset({"row_version"})

#: What a log says of a column whose values it keeps out.
_HIDDEN = "…"


def take_back(session: Session, event: AuditEvent) -> Base:
    """Put back what the edit `event` changed; returns the row, flushed, not committed.

    Raises `RuleBroken`, with nothing written, where it cannot be taken back (see `why_not`) or what it would make
    breaks a rule; what the database refuses comes as its own error.
    """
    if event.table_name in EDITED:
        # Locked and read anew: who else is about to change the row waits, or is seen.
        session.get(EDITED[event.table_name], int(event.row_key), with_for_update=True, populate_existing=True)
    faults = why_not(session, event)
    if faults:
        raise RuleBroken(faults)
    row = session.get_one(EDITED[event.table_name], int(event.row_key))
    with session.no_autoflush:
        for name, (old, new) in told(event).items():
            _put_back(session, row, name, old, new)
        faults = list(_rules(session, row))
        if faults:
            session.expire(row)
            raise RuleBroken(faults)
    session.flush()
    session.refresh(row)
    return row


def bring_back(session: Session, commitment: Commitment) -> Commitment:
    """Put a withdrawn commitment back where it was before, open to readers if the log does not say; flushed.

    Raises `RuleBroken` where it is not withdrawn.
    """
    if commitment.publication_state is not PublicationState.WITHDRAWN:
        zh, en = f"{commitment.code} 没有撤下，不用恢复", f"{commitment.code} is not withdrawn"
        raise RuleBroken([Fault("is-withdrawn", "publication_state", zh, en)])
    commitment.publication_state = state_before(session, commitment)
    session.flush()
    return commitment


def state_before(session: Session, commitment: Commitment) -> PublicationState:
    """Whether readers saw a withdrawn commitment before it was withdrawn."""
    withdrawn = PublicationState.WITHDRAWN.value
    for event in _events(session, commitment.__tablename__, str(commitment.id)):
        old, new = event.changes.get("publication_state", (None, None))
        if new == withdrawn and old not in {None, withdrawn}:
            return PublicationState(old)
    return PublicationState.PUBLISHED


def told(event: AuditEvent) -> dict[str, tuple[Any, Any]]:
    """Column or many-to-many tie → old and new value as the log has them, without what only counts edits."""
    return {name: (old, new) for name, (old, new) in event.changes.items() if name not in COUNTERS}


def edited(session: Session, event: AuditEvent) -> Base | None:
    """The row that an event changed, if people edit its table."""
    model = EDITED.get(event.table_name)
    return session.get(model, int(event.row_key)) if model else None


def why_not(session: Session, event: AuditEvent) -> list[Fault]:
    """Why an event cannot be taken back, one fault a column that somebody changed since; nothing where it can."""
    if event.table_name in APPEND_ONLY:
        return [
            Fault(
                "written-once", "",
                "这类记录只增不改，不能撤回。评估有误，请另记一条更正它的评估；其他记录有误，请再记一条正确的",
                "rows of this kind are written once and not taken back: record an assessment that corrects a wrong"
                " one; of any other kind, add a row that is right",
            )
        ]  # fmt: skip
    if event.table_name not in EDITED:
        zh, en = (
            "这张表不在编辑台修改，请到它自己的页面或种子文件里改",
            "this table is changed on its own page or in the seed",
        )
        return [Fault("edited-by-hand", "", zh, en)]
    if event.action is not AuditAction.UPDATE:
        zh, en = (
            "只有“修改”可以撤回；新增的承诺可改为“已撤下”",
            "only a change is taken back; withdraw a commitment that was added",
        )
        return [Fault("is-an-edit", "", zh, en)]
    row = edited(session, event)
    if row is None:
        return [Fault("row-is-there", "", "这一行已经不在", "the row is no longer there")]
    closed = isinstance(row, Obstacle) and row.closing is not None
    return [_closed()] if closed else list(_changed_since(session, row, event))


def _closed() -> Fault:
    zh, en = (
        "已销号的问题不再修改；困难再现请另记一条",
        "a closed obstacle is never changed: raise another if it is back",
    )
    return Fault("is-open", "", zh, en)


def _changed_since(session: Session, row: Base, event: AuditEvent) -> Iterator[Fault]:
    differing = [name for name, (old, new) in told(event).items() if not _stands(row, name, old, new)]
    if not differing:
        return
    later = list(_events(session, event.table_name, event.row_key, after=event.id))
    for name in differing:
        since = next((change for change in later if name in change.changes), None)
        if since is None:
            zh, en = "现在的值与这次修改不符，请直接编辑", "it is not what this edit made it: edit it by hand"
        else:
            when = since.at.astimezone().strftime("%Y-%m-%d %H:%M")
            zh = f"{since.actor} 于 {when} 又改过：请先撤回那一次，或直接编辑"
            en = f"{since.actor} changed it again on {when}: take that edit back first, or edit it by hand"
        yield Fault("changed-since", name, zh, en)


def _events(session: Session, table: str, key: str, *, after: int = 0) -> Iterator[AuditEvent]:
    """What was done to a row after an event, the latest first."""
    rows = select(AuditEvent).where(AuditEvent.table_name == table, AuditEvent.row_key == key, AuditEvent.id > after)
    return iter(session.scalars(rows.order_by(AuditEvent.id.desc())))


def _stands(row: Base, name: str, old: Any, new: Any) -> bool:
    """Whether a row still is what an event made it, as far as one column or tie goes."""
    if name not in row.__mapper__.attrs or _HIDDEN in (old, new):
        return False
    if name in row.__mapper__.relationships:
        tied = {other.code for other in getattr(row, name)}
        return tied.issuperset(codes(new)) and tied.isdisjoint(codes(old))
    try:
        found: bool = getattr(row, name) == valued(row.__table__, name, new)
        valued(row.__table__, name, old)
    except ValueError:  # a code that a later codebook no longer has
        return False
    return found


def _put_back(session: Session, row: Base, name: str, old: Any, new: Any) -> None:
    if name not in row.__mapper__.relationships:
        setattr(row, name, valued(row.__table__, name, old))
        return
    kept = [other for other in getattr(row, name) if other.code not in codes(new)]
    again = session.scalars(select(Commitment).where(Commitment.code.in_(codes(old))))
    setattr(row, name, [*kept, *again])


def codes(ties: list[str]) -> list[str]:
    """Codes of the commitments that a row was tied to, as the log names them: code and title."""
    return [tie.partition(" ")[0] for tie in ties]


def valued(table: FromClause, name: str, value: Any) -> Any:
    """A value of the log as the column holds it. Raises `ValueError` for a code that is no longer one."""
    kind = table.columns[name].type
    if value is None:
        return None
    if isinstance(kind, Enum) and kind.enum_class:
        return kind.enum_class(value)
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _rules(session: Session, row: Base) -> Iterator[Fault]:
    """The rules that no constraint of the database holds."""
    if not isinstance(row, Obstacle):
        return
    city, category = session.get_one(Jurisdiction, row.jurisdiction_id), session.get_one(Term, row.category_id)
    difficulty = Difficulty(
        city, row.title, category, row.raised_on, row.remedy, due_on=row.due_on, commitments=tuple(row.commitments)
    )
    yield from faults_of(difficulty, datetime.now().astimezone().date())
