"""Blind second coding: draw a sample, code it again without seeing the first coding, decide what differs.

Nothing here changes the ledger. How far two coders agree is measured in `agreement.py`.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, Row, exists, func, select
from sqlalchemy.orm import Session, joinedload

from tracker import codebook
from tracker.codebook import CodedField, Execution
from tracker.filters import NOW, CommitmentFilter
from tracker.models import (
    LINE,
    Adjudication,
    AuditEvent,
    CodingItem,
    CodingReading,
    CodingRound,
    Commitment,
    Jurisdiction,
    User,
)
from tracker.rules import LONGEST_TEXT, Fault, RuleBroken
from tracker.standings import standing
from tracker.tallies import followable

#: Seeds are below this.
SEEDS = 2**31


def draw(
    session: Session,
    name: str,
    *,
    size: int,
    fields: Collection[CodedField],
    drawn_by: User,
    seed: int | None = None,
    city_code: str | None = None,
    now: datetime | None = None,
) -> CodingRound:
    """Draw `size` published, followable commitments and freeze their codes in `fields`; flushed, not committed.

    The same ledger and seed give the same sample in the same order on every engine, and a larger sample begins
    with the smaller one. Where execution is coded, only commitments that somebody has assessed can be drawn: a
    judgement nobody made cannot be made twice. Raises `RuleBroken`.
    """
    name = name.strip()
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    able = _able(session, fields, city_code)
    _refuse_draw(session, name, size, fields, seed, len(able))
    # Only `random()` is promised to give the same numbers for ever; `sample` and `shuffle` are not.
    chance = random.Random(seed)  # noqa: S311 - a sample that can be drawn again, no secret
    sample = sorted(able, key=lambda _row: chance.random())[:size]
    city = session.scalar(select(Jurisdiction).where(Jurisdiction.code == city_code)) if city_code else None
    drawn = CodingRound(
        name=name,
        seed=seed,
        jurisdiction=city,
        population=len(able),
        codebook_version=codebook.VERSION,
        drawn_at=now or datetime.now(UTC),
        drawn_by_id=drawn_by.id,
    )
    drawn.items = _items(session, sample, fields)
    session.add(drawn)
    session.flush()
    return drawn


def _items(session: Session, sample: Sequence[Row[Any]], fields: Collection[CodedField]) -> list[CodingItem]:
    """The items of a sample: the fields of a commitment stand together, so that its words are read once."""
    first = _first_coders(session, [row.id for row in sample])
    pairs = [(row, field) for row in sample for field in CodedField if field in fields]
    return [
        CodingItem(
            commitment_id=row.id,
            field=field,
            position=position,
            first_value=str(getattr(row, field.value)),
            first_coder_id=first.get((row.id, field)),
        )
        for position, (row, field) in enumerate(pairs, 1)
    ]


def _able(session: Session, fields: Collection[CodedField], city_code: str | None) -> Sequence[Row[Any]]:
    """What can be drawn, in the order of the codes, with its present coding."""
    rows = followable(CommitmentFilter(cities=(city_code,) if city_code else ()))
    reviewed = [rows.c.execution != Execution.NOT_REVIEWED] if CodedField.EXECUTION in fields else []
    able = select(rows).where(*reviewed)
    # Engines sort text differently; Python sorts it in one way.
    return sorted(session.execute(able).all(), key=lambda row: str(row.code))


def _refuse_draw(
    session: Session, name: str, size: int, fields: Collection[CodedField], seed: int, population: int
) -> None:
    if not 0 < len(name) <= LINE or not name.isprintable():
        _refuse("name", f"轮次名称须为 1 到 {LINE} 个可见字符", f"a round has a name of 1 to {LINE} visible characters")
    if session.scalar(select(exists().where(CodingRound.name == name))):
        _refuse("name", f"已有名为“{name}”的轮次，请另取名称", f"there is a round “{name}”: choose another name")
    if not fields:
        _refuse("fields", "请至少选一个字段", "choose a field at least")
    if not 0 <= seed < SEEDS:
        _refuse("seed", f"种子须为 0 到 {SEEDS - 1} 的整数", f"a seed is a whole number from 0 to {SEEDS - 1}")
    if population < 1:
        _refuse(
            "fields",
            "没有可抽取的承诺；执行状态只从评估过的承诺中抽取，请先记录跟踪",
            "no commitment can be drawn; where execution is coded, only assessed ones are: record follow-ups first",
        )
    if not 1 <= size <= population:
        _refuse("size", f"可抽取 1 到 {population} 条承诺", f"from 1 to {population} commitments can be drawn")


def _first_coders(session: Session, ids: Collection[int]) -> dict[tuple[int, CodedField], int | None]:
    """Who last set each coded field, and who made the standing assessment; what came with the seed has nobody."""
    events = select(AuditEvent.row_key, AuditEvent.changes, User.id).outerjoin(User, User.name == AuditEvent.actor)
    events = events.where(AuditEvent.table_name == "commitment", AuditEvent.row_key.in_([str(key) for key in ids]))
    first: dict[tuple[int, CodedField], int | None] = {
        (int(key), field): coder
        for key, changes, coder in session.execute(events.order_by(AuditEvent.id))
        for field in CodedField
        if field.value in changes
    }
    now = standing(NOW).subquery("now")
    for key, analyst in session.execute(select(now.c.commitment_id, now.c.analyst_id)):
        first[key, CodedField.EXECUTION] = analyst
    return first


def item(session: Session, drawn: CodingRound, commitment: str, field: CodedField) -> CodingItem:
    """The item of a round for a commitment's code and a field. Raises `RuleBroken` where there is none."""
    rows = select(CodingItem).join(CodingItem.commitment).where(CodingItem.round_id == drawn.id)
    named = rows.where(CodingItem.field == field, Commitment.code == commitment.strip().upper())
    found = session.scalar(named)
    if found is None:
        zh = f"“{drawn.name}”没有抽到 {commitment} 的{field.zh}"
        _refuse("item", zh, f"“{drawn.name}” holds no {field.value} of {commitment}")
    return found


def left(session: Session, drawn: CodingRound, coder: User | None) -> list[CodingItem]:
    """What `coder` can still read in a round, in its order: not their own first coding, not read, not decided."""
    rows = select(CodingItem).where(CodingItem.round_id == drawn.id, *_open_to(coder))
    return list(session.scalars(rows.options(joinedload(CodingItem.commitment)).order_by(CodingItem.position)))


def left_by_round(session: Session, coder: User) -> dict[int, int]:
    """How many items `coder` can still read: id of a round → items."""
    rows = select(CodingItem.round_id, func.count()).where(*_open_to(coder)).group_by(CodingItem.round_id)
    return {row[0]: row[1] for row in session.execute(rows)}


def _open_to(coder: User | None) -> list[ColumnElement[bool]]:
    undecided = ~exists().where(Adjudication.item_id == CodingItem.id)
    if coder is None:
        return [undecided]
    read = exists().where(CodingReading.item_id == CodingItem.id, CodingReading.coder_id == coder.id)
    return [undecided, ~read, CodingItem.first_coder_id.is_distinct_from(coder.id)]


def readings_of(session: Session, drawn: CodingRound, coder: User) -> list[CodingReading]:
    """What a coder has read in a round."""
    rows = select(CodingReading).join(CodingReading.item)
    rows = rows.where(CodingItem.round_id == drawn.id, CodingReading.coder_id == coder.id)
    return list(session.scalars(rows.order_by(CodingItem.position)))


def is_blind(session: Session, drawn: CodingRound, person: User | None) -> bool:
    """Whether somebody is in the middle of coding a round, and so may not see any first value of it."""
    return bool(person and readings_of(session, drawn, person) and left(session, drawn, person))


def code(
    session: Session, read: CodingItem, value: str, *, coder: User, note: str | None = None, now: datetime | None = None
) -> CodingReading:
    """Append what `coder` read; flushed, not committed. Raises `RuleBroken`."""
    _refuse_value(read.field, value)
    if read.first_coder_id == coder.id:
        _refuse("item", "这一项由您首次编码，须由别人重编", "you coded this item first: somebody else codes it again")
    if session.scalar(select(exists().where(CodingReading.item_id == read.id, CodingReading.coder_id == coder.id))):
        _refuse("item", "您已编过这一项，不能再改", "you have coded this item already; it stays as it is")
    if session.scalar(select(exists().where(Adjudication.item_id == read.id))):
        _refuse("item", "这一项已裁定，不再接受编码", "this item has been adjudicated and takes no further reading")
    made = CodingReading(
        item_id=read.id,
        field=read.field,
        coder_id=coder.id,
        value=str(value),
        note=_text(note),
        recorded_at=now or datetime.now(UTC),
    )
    session.add(made)
    session.flush()
    return made


def adjudicate(
    session: Session, read: CodingItem, value: str, *, note: str, adjudicator: User, now: datetime | None = None
) -> Adjudication:
    """Append what was decided about an item and why; flushed, not committed. The ledger stays as it is.

    Raises `RuleBroken`.
    """
    _refuse_value(read.field, value)
    why = _text(note)
    if why is None:
        _refuse("note", "请写明裁定理由", "say why it is decided so")
    if not session.scalar(select(exists().where(CodingReading.item_id == read.id))):
        _refuse("item", "这一项还没有人重编，无从裁定", "nobody has coded this item again yet")
    if is_blind(session, read.round, adjudicator):
        _refuse("item", "您在这一轮还没有编完，请先编完", "you are in the middle of coding this round: finish it first")
    made = Adjudication(
        item_id=read.id,
        field=read.field,
        adjudicator_id=adjudicator.id,
        value=str(value),
        note=why,
        recorded_at=now or datetime.now(UTC),
    )
    session.add(made)
    session.flush()
    return made


def _refuse_value(field: CodedField, value: str) -> None:
    if value not in {code.value for code in field.codes}:
        allowed = ", ".join(f"{code.value} {code.zh}" for code in field.codes)
        _refuse("value", f"“{value}”不是{field.zh}的代码", f"is no code of {field.value}; allowed: {allowed}")


def _text(text: str | None) -> str | None:
    text = (text or "").strip()
    if len(text) > LONGEST_TEXT:
        _refuse("note", f"说明至多 {LONGEST_TEXT} 字", f"a note has {LONGEST_TEXT} characters at most")
    return text or None


def _refuse(field: str, zh: str, en: str) -> NoReturn:
    raise RuleBroken([Fault("second coding", field, zh, en)])
