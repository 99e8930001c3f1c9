"""Stated and found: a value found later stands beside the figure of the text and never replaces it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from tracker.evidence import cite
from tracker.findings import Source
from tracker.models import Measurement, StatedFigure, User
from tracker.rules import Fault, RuleBroken, addressed, not_in_future, too_long


def measure(
    session: Session,
    figure: StatedFigure,
    value: float,
    *,
    as_of: date,
    source: Source,
    analyst: User,
    note: str | None = None,
    now: datetime | None = None,
) -> Measurement:
    """Append a value, in the figure's own unit, that was found for `figure`; flushed, not committed.

    A later row for the same day takes the place of an earlier one. Raises `RuleBroken`.
    """
    faults = list(_faults(value, as_of, source, note))
    if faults:
        raise RuleBroken(faults)
    evidence = cite(session, source)
    session.flush()
    row = Measurement(
        figure_id=figure.id,
        value=value,
        as_of=as_of,
        evidence_id=evidence.id,
        note=(note or "").strip() or None,
        analyst_id=analyst.id,
        recorded_at=now or datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return row


def _faults(value: float, as_of: date, source: Source, note: str | None) -> Iterator[Fault]:
    if not math.isfinite(value):
        yield Fault("measured-value", "value", "须为一个数", "give a number")
    yield from not_in_future(as_of, "as_of", "数值日期", "the day of the value")
    yield from addressed(source)
    yield from too_long(note, "note")
