"""Problem ledgers (问题台账): an obstacle is raised, and closed (销号) by a second person on evidence.

The rules are said here with how to meet them, and held again by the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from tracker.evidence import cite
from tracker.findings import Source
from tracker.models import LINE, Commitment, Jurisdiction, Obstacle, ObstacleClosing, Organisation, Term, User
from tracker.rules import EARLIEST, Fault, RuleBroken, addressed, too_long

#: Code of the vocabulary that the categories are terms of.
CATEGORIES = "obstacle-category"

#: Last day that an obstacle can be due on.
LATEST = date(2199, 12, 31)


@dataclass(frozen=True)
class Difficulty:
    """What somebody says is in the way, before it is raised."""

    jurisdiction: Jurisdiction
    #: what the difficulty is, in one line
    title: str
    #: a term of `CATEGORIES`
    category: Term
    raised_on: date
    #: what is to be done about it
    remedy: str | None = None
    #: who is to do it
    unit: Organisation | None = None
    due_on: date | None = None
    #: commitments of the same city that it stands in the way of
    commitments: tuple[Commitment, ...] = ()


def raise_obstacle(session: Session, difficulty: Difficulty, *, analyst: User, now: datetime | None = None) -> Obstacle:
    """Write an obstacle into the ledger of its city; flushed, not committed.

    Raises `RuleBroken`, before anything is written, when it breaks a rule.
    """
    now = now or datetime.now(UTC)
    faults = list(faults_of(difficulty, now.astimezone().date()))
    if faults:
        raise RuleBroken(faults)
    obstacle = Obstacle(
        jurisdiction=difficulty.jurisdiction,
        title=difficulty.title.strip(),
        category=difficulty.category,
        remedy=difficulty.remedy,
        unit=difficulty.unit,
        raised_on=difficulty.raised_on,
        due_on=difficulty.due_on,
        commitments=list(dict.fromkeys(difficulty.commitments)),
        raised_by_id=analyst.id,
        recorded_at=now,
    )
    session.add(obstacle)
    session.flush()
    return obstacle


def close_obstacle(
    session: Session,
    obstacle: Obstacle,
    source: Source,
    *,
    closed_on: date,
    note: str,
    closer: User,
    now: datetime | None = None,
) -> ObstacleClosing:
    """Close an obstacle (销号) on a piece of evidence; flushed, not committed. It cannot be undone.

    Raises `RuleBroken`, before anything is written, when a rule is broken: above all, `closer` is not
    who raised it.
    """
    now = now or datetime.now(UTC)
    faults = [
        *who_may_not_close(obstacle, closer),
        *_closing_faults(obstacle, closed_on, note, now.astimezone().date()),
        *_source_faults(source, now.astimezone().date()),
    ]
    if faults:
        raise RuleBroken(faults)
    evidence = cite(session, source)
    session.flush()
    closing = ObstacleClosing(
        obstacle=obstacle,
        closed_on=closed_on,
        closed_by_id=closer.id,
        evidence_id=evidence.id,
        note=note.strip(),
        recorded_at=now,
    )
    session.add(closing)
    session.flush()
    return closing


def faults_of(difficulty: Difficulty, today: date) -> Iterator[Fault]:
    """Every rule that a difficulty breaks; nothing where it may stand in the ledger."""
    if not difficulty.title.strip():
        yield Fault("obstacle-title", "title", "请用一句话写明是什么困难", "say in one sentence what is difficult")
    yield from too_long(difficulty.title.strip(), "title", LINE)
    yield from too_long(difficulty.remedy, "remedy")
    if difficulty.category.vocabulary.code != CATEGORIES:
        yield Fault(
            "obstacle-category", "category",
            f"“{difficulty.category.name_zh}”不是问题类别：请从问题类别中选",
            f"“{difficulty.category.name_en}” is no category of obstacles: choose one of {CATEGORIES}",
        )  # fmt: skip
    yield from _day_faults("raised_on", "登记日期", "the day it was raised", difficulty.raised_on, today)
    if difficulty.due_on and not difficulty.raised_on <= difficulty.due_on <= LATEST:
        yield Fault(
            "due-after-raised", "due_on",
            f"办结期限 {difficulty.due_on} 须在登记日期 {difficulty.raised_on} 与 {LATEST} 之间",
            f"the due date {difficulty.due_on} lies between the day of raising, {difficulty.raised_on}, and {LATEST}",
        )  # fmt: skip
    strangers = [row.code for row in difficulty.commitments if row.jurisdiction_id != difficulty.jurisdiction.id]
    if strangers:
        listed = ", ".join(strangers)
        yield Fault(
            "same-city", "commitments",
            f"{listed} 不是{difficulty.jurisdiction.name_zh}的承诺：请另记入那个城市的台账",
            f"{listed} is no commitment of {difficulty.jurisdiction.name_en}: raise it in the ledger of its own city",
        )  # fmt: skip


def who_may_not_close(obstacle: Obstacle, closer: User) -> Iterator[Fault]:
    """Why `closer` may not close an obstacle; nothing where they may."""
    if obstacle.closing is not None:
        yield Fault(
            "closed-once", "obstacle",
            f"问题 {obstacle.id} 已于 {obstacle.closing.closed_on} 销号；困难再现请另记一条",
            f"obstacle {obstacle.id} was closed on {obstacle.closing.closed_on}: raise another if it is back",
        )  # fmt: skip
    if obstacle.raised_by_id == closer.id:
        yield Fault(
            "second-person", "closer",
            f"问题 {obstacle.id} 是 {closer.name} 登记的，不能自己销号：请另一位分析员凭依据销号",
            f"{closer.name} raised obstacle {obstacle.id} and may not close it: ask another analyst to",
        )  # fmt: skip


def _closing_faults(obstacle: Obstacle, closed_on: date, note: str, today: date) -> Iterator[Fault]:
    yield from _day_faults("closed_on", "销号日期", "the day of closing", closed_on, today)
    if closed_on < obstacle.raised_on:
        yield Fault(
            "closed-after-raised", "closed_on",
            f"销号日期 {closed_on} 早于登记日期 {obstacle.raised_on}：须不早于登记日期",
            f"the day of closing {closed_on} lies before the day it was raised, {obstacle.raised_on}:"
            " give that day or a later one",
        )  # fmt: skip
    if not note.strip():
        yield Fault("closing-note", "note", "请写明怎样解决的", "say how it was settled")
    yield from too_long(note.strip(), "note")


def _source_faults(source: Source, today: date) -> Iterator[Fault]:
    if not source.url:
        yield Fault(
            "closing-evidence", "evidence", "销号须有依据：请附上网址", "a closing rests on evidence: give its address"
        )
    else:
        yield from addressed(source)
    if source.published_on and source.published_on > today:
        yield Fault(
            "published-not-in-future", "evidence",
            f"依据的发布日期 {source.published_on} 晚于今天 {today}",
            f"evidence published on {source.published_on} lies after today, {today}",
        )  # fmt: skip


def _day_faults(field: str, zh: str, en: str, day: date, today: date) -> Iterator[Fault]:
    if not EARLIEST <= day <= today:
        yield Fault(
            f"{field.replace('_', '-')}-in-time", field,
            f"{zh} {day} 须在 {EARLIEST} 与今天 {today} 之间",
            f"{en}, {day}, lies between {EARLIEST} and today, {today}",
        )  # fmt: skip
