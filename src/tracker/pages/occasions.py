"""The events of a calendar: what each day is called, of what it is, what is said beside it, and when that last changed.

下半年 is a period to act in: its last day is called the end of that, and never a due date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import days
from tracker.codebook import DeadlineKind, LicenceMode, ObstacleState
from tracker.language import label, t
from tracker.models import Commitment, Obstacle
from tracker.pages import address
from tracker.standings import Cutoff

#: The instant of what no history tells of; an event must name one.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Occasion:
    """An event of a calendar."""

    name: str
    day: date
    summary: str
    #: line by line; empty ones are left out
    description: Sequence[str]
    categories: Sequence[str]
    #: of the commitment that it leads to
    url: str
    #: how often it was moved or edited, and when anything that it tells last changed
    sequence: int
    at: datetime


@dataclass(frozen=True)
class Told:
    """What there is to say of the days found: commitments by id, milestones and obstacles by number, and instants."""

    commitments: dict[int, Row[Any]]
    steps: dict[int, Row[Any]]
    obstacles: dict[int, Row[Any]]
    #: commitment id → instant and number of revisions
    written: dict[int, Row[Any]]
    #: table and key → when the audit saw it last, and how often
    edited: dict[tuple[str, str], Row[Any]]
    #: kind and number → instant
    settled: dict[tuple[str, int], datetime]

    def changed(self, kind: str, row: Row[Any], number: int | None) -> datetime:
        """When anything that a day tells was last written down."""
        written, key = self.written.get(row.id), (Commitment.__tablename__, str(row.id))
        edit = self.edited.get((Obstacle.__tablename__, str(number)))
        instants = [
            written.at if written else None,
            self.edited[key].at if key in self.edited else None,
            self.settled.get((kind, number)) if number else None,
            edit.at if edit and kind == "obstacle" else None,
        ]
        return max(filter(None, instants), default=_NEVER)

    def moved(self, kind: str, row: Row[Any], number: int | None) -> int:
        """How often a day may have been moved: by a revision of the deadline, or an edit."""
        if kind == "milestone":
            return 0
        if kind == "obstacle":
            edit = self.edited.get((Obstacle.__tablename__, str(number)))
            return edit.times - 1 if edit else 0
        written = self.written.get(row.id)
        return int(row.row_version) - 1 + (written.revised if written and kind != "next_check" else 0)


def occasions(
    session: Session, found: Sequence[Row[Any]], cutoff: Cutoff, naming: Callable[[str], UUID]
) -> list[Occasion]:
    """The events of rows of `days.days`, read at `cutoff`, in the order of their days."""
    told = _told(session, found, cutoff)
    return [_occasion(rows, told, naming) for rows in _together(found)]


def _told(session: Session, found: Sequence[Row[Any]], cutoff: Cutoff) -> Told:
    ids = sorted({row.commitment_id for row in found})
    steps, obstacles = (sorted({row.number for row in found if row.kind == kind}) for kind in ("milestone", "obstacle"))
    edits = {
        (table, row.row_key): row
        for table, numbers in ((Commitment.__tablename__, ids), (Obstacle.__tablename__, obstacles))
        for row in session.execute(days.edited(table, numbers))
    }
    return Told(
        commitments={row.id: row for row in session.execute(days.commitments(ids, cutoff))},
        steps={row.id: row for row in session.execute(days.steps(steps, cutoff))},
        obstacles={row.number: row for row in session.execute(days.obstacles(obstacles, cutoff))},
        written={row.commitment_id: row for row in session.execute(days.written(ids, cutoff))},
        edited=edits,
        settled={(row.kind, row.number): row.at for row in session.execute(days.settled(cutoff, steps, obstacles))},
    )


def _together(found: Iterable[Row[Any]]) -> list[list[Row[Any]]]:
    """Each day; an obstacle in the way of several commitments is one. In the order of days."""
    grouped: dict[Any, list[Row[Any]]] = defaultdict(list)
    for row in sorted(found, key=lambda row: (row.day, days.KINDS.index(row.kind), row.commitment_id, row.number or 0)):
        grouped[("obstacle", row.number) if row.kind == "obstacle" else row].append(row)
    return list(grouped.values())


def _occasion(rows: Sequence[Row[Any]], told: Told, naming: Callable[[str], UUID]) -> Occasion:
    kind, number, day = rows[0].kind, rows[0].number, rows[0].day
    row = told.commitments[rows[0].commitment_id]
    # A deadline keeps its name when it turns from a period to act in into a due date.
    own = {
        "milestone": f"milestone/{number}",
        "obstacle": f"obstacle/{number}",
        "next_check": f"next-check/{row.code}",
    }
    url = address.outside("pages.commitment", code=row.code)
    of = [told.commitments[one.commitment_id].code for one in rows]
    return Occasion(
        name=str(naming(own.get(kind, f"deadline/{row.code}"))),
        day=day,
        summary=_summary(kind, number, row, told),
        description=[*_about(kind, number, row, told, of), url],
        categories=[_called(kind), label(row.kind), t(row.city, row.city_en)],
        url=url,
        sequence=told.moved(kind, row, number),
        at=max(told.changed(kind, told.commitments[one.commitment_id], number) for one in rows),
    )


def _called(kind: str) -> str:
    """What a day is called."""
    return {
        "completion": t("到期", "Due"),
        "horizon": t("行动时段结束", "End of a period to act in"),
        "event_date": t("活动", "Event"),
        "milestone": t("节点", "Milestone"),
        "obstacle": t("问题办结期限", "Obstacle to be settled"),
        "next_check": t("下次查看", "Next check"),
    }[kind]


def _summary(kind: str, number: int | None, row: Row[Any], told: Told) -> str:
    """The title of an event: what the day is, of what, and whether that is done."""
    what = f"{t(row.title_zh, row.title_en)}{t('（', ' (')}{row.code}{t('）', ')')}"
    called, done = _called(kind), ""
    if kind == "milestone" and number:
        step = told.steps[number]
        what = f"{t(step.title_zh, step.title_en or step.title_zh)}{t('｜', ' | ')}{what}"
        done = t("已达到", "reached") if step.reached_on else ""
    elif kind == "obstacle" and number:
        what = told.obstacles[number].title
        done = label(ObstacleState.CLOSED) if told.obstacles[number].closed_on else ""
    elif kind in {"completion", "horizon"} and row.execution.is_done:
        done = label(row.execution)
    if kind == "completion" and _moved_from(row):
        called = t(f"{called}（原定 {row.window_end}）", f"{called} (first set for {row.window_end})")
    return f"{f'✓ {done}' + t('｜', ' | ') if done else ''}{called}{t('：', ': ')}{what}"


def _moved_from(row: Row[Any]) -> date | None:
    """The last day that the text set, where another holds now."""
    now = row.due_on or row.horizon_until
    return row.window_end if row.window_end and now and row.window_end != now else None


def _about(kind: str, number: int | None, row: Row[Any], told: Told, of: Sequence[str]) -> list[str]:
    """What an event says beside its title, line by line. Words that may not be reprinted are not."""
    colon, may_quote = t("：", ": "), row.licence_mode is not LicenceMode.METADATA_ONLY
    if kind == "obstacle" and number:
        line = told.obstacles[number]
        # Not that it is overdue: that would change with the day, and nothing was written.
        stands = label(ObstacleState.CLOSED) if line.closed_on else label(ObstacleState.OPEN)
        closed = f"{t('，', ', ')}{line.closed_on}" if line.closed_on else ""
        return [f"{t('状态', 'Status')}{colon}{stands}{closed}", t("、", ", ").join(of)]
    lines = [f"{t('原话', 'Words')}{colon}“{row.quote}”"] if may_quote else []
    if kind == "milestone" and number and told.steps[number].reached_on:
        lines.append(f"{t('达到日期', 'Reached on')}{colon}{told.steps[number].reached_on}")
    if kind in {"completion", "horizon", "event_date"}:
        lines += _deadline(kind, row, quoted=may_quote)
    return [*lines, f"{t('执行状态', 'Status')}{colon}{label(row.execution)}"]


def _deadline(kind: str, row: Row[Any], *, quoted: bool) -> list[str]:
    meaning = DeadlineKind(kind)
    words = t(f"“{row.deadline_text}”，", f"“{row.deadline_text}”, ") if quoted and row.deadline_text else ""
    means = f"{label(meaning)}{t('，', ', ')}{t(meaning.definition_zh, meaning.definition_en)}"
    told = [f"{t('期限', 'Deadline')}{t('：', ': ')}{words}{means}"]
    if was := _moved_from(row):
        told.append(t(f"原定 {was}，后来改期。", f"The text set {was}; it was moved since."))
    elif row.deadline_rule and row.deadline_rule.is_convention:
        told.append(t("日期按惯例推定。", "The date follows from a convention."))
    return told
