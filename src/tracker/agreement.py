"""How far coders agree: Krippendorff's alpha per field, with a bootstrap interval.

Alpha is 1 − observed / expected disagreement (Krippendorff, Content Analysis, 2nd ed., 2004, ch. 11). The first
coding counts as one coder, everybody who coded again as another; an item that only one coder coded says nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from tracker.codebook import CodedField, Level, Reliability
from tracker.models import Adjudication, CodingItem, CodingReading, CodingRound
from tracker.standings import Question

#: Resamples of the bootstrap.
RESAMPLES = 1000

#: What each coder said of one item.
Unit = Sequence[str]


@dataclass(frozen=True)
class Interval:
    """A 95% percentile interval: items are drawn again with replacement, `resamples` times.

    Resamples without variation have no alpha and are left out; `used` of them had one.
    """

    low: float
    high: float
    resamples: int
    used: int
    seed: int


@dataclass(frozen=True)
class Measure:
    """Agreement in one field of a round."""

    field: CodedField
    items: int
    #: items that somebody coded again: the denominator of the agreement
    read: int
    #: of these, items on which all coders agree
    agreed: int
    #: none where nothing was coded again, or all codes are the same
    alpha: float | None
    interval: Interval | None

    @property
    def share(self) -> float | None:
        """Share of the items coded again on which all agree."""
        return self.agreed / self.read if self.read else None

    @property
    def verdict(self) -> Reliability | None:
        """How the alpha is read."""
        return None if self.alpha is None else Reliability.of(self.alpha)

    @property
    def why_none(self) -> tuple[str, str]:
        """Why there is no alpha, in Chinese and English."""
        if not self.read:
            return "尚无人重编", "nobody has coded it again yet"
        return "编码全部相同，没有差异可比，α 无定义", "all codes are the same: without variation alpha is not defined"


@dataclass(frozen=True)
class Results:
    """A round, measured field by field, and the items on which coders differ."""

    round: CodingRound
    measures: list[Measure]
    differing: list[CodingItem]


def rounds() -> Question:
    """The rounds, the newest first, each with its number of `items` and how many of them were `read` again."""
    return (
        select(
            CodingRound,
            func.count(CodingItem.id.distinct()).label("items"),
            func.count(CodingReading.item_id.distinct()).label("read"),
        )
        .join(CodingRound.items)
        .outerjoin(CodingItem.readings)
        .group_by(CodingRound.id)
        .options(selectinload(CodingRound.jurisdiction), selectinload(CodingRound.drawn_by), raiseload("*"))
        .order_by(CodingRound.id.desc())
    )


def results(session: Session, drawn: CodingRound, *, resamples: int = RESAMPLES) -> Results:
    """What a round shows so far; the same readings give the same numbers, whatever the engine."""
    items = _items(session, drawn)
    return Results(
        round=drawn,
        measures=[
            _measure(field, [one for one in items if one.field is field], seed=drawn.seed, resamples=resamples)
            for field in CodedField
            if any(one.field is field for one in items)
        ],
        differing=[one for one in items if len(set(_unit(one))) > 1],
    )


def _items(session: Session, drawn: CodingRound) -> list[CodingItem]:
    rows = select(CodingItem).where(CodingItem.round_id == drawn.id).order_by(CodingItem.position)
    return list(
        session.scalars(
            rows.options(
                joinedload(CodingItem.commitment),
                joinedload(CodingItem.first_coder),
                selectinload(CodingItem.readings).joinedload(CodingReading.coder),
                selectinload(CodingItem.adjudications).joinedload(Adjudication.adjudicator),
                raiseload("*"),
            ).execution_options(populate_existing=True)
        )
    )


def _unit(one: CodingItem) -> list[str]:
    return [one.first_value, *(reading.value for reading in one.readings)]


def _measure(field: CodedField, items: list[CodingItem], *, seed: int, resamples: int) -> Measure:
    units = [_unit(one) for one in items if one.readings]
    codes = [code.value for code in field.codes]
    return Measure(
        field=field,
        items=len(items),
        read=len(units),
        agreed=sum(len(set(unit)) == 1 for unit in units),
        alpha=alpha(units, codes, field.level),
        interval=interval(units, codes, field.level, seed=seed, resamples=resamples),
    )


def alpha(units: Sequence[Unit], codes: Sequence[str], level: Level) -> float | None:
    """Krippendorff's alpha of what coders said of each unit; `codes` in their order, which an ordinal level needs.

    None where no unit was coded twice, or where all that was coded twice is the same code.
    """
    return _alpha(_counts(units, codes), level)


def _counts(units: Sequence[Unit], codes: Sequence[str]) -> list[list[int]]:
    """How many coders gave each code to each unit; units that fewer than two coded are left out."""
    return [[list(unit).count(code) for code in codes] for unit in units if len(unit) > 1]


def _alpha(counts: Sequence[Sequence[int]], level: Level) -> float | None:
    """Alpha of a table of units by codes, from its coincidences (Krippendorff 2004, p. 222 and 232)."""
    codes = range(len(counts[0])) if counts else range(0)
    together = [[0.0 for _ in codes] for _ in codes]
    for unit in counts:
        coders = sum(unit)
        for a in codes:
            for b in codes:
                together[a][b] += unit[a] * (unit[b] - (a == b)) / (coders - 1)
    totals = [sum(row) for row in together]
    apart = [[_apart(totals, a, b, level) for b in codes] for a in codes]
    expected = sum(totals[a] * totals[b] * apart[a][b] for a in codes for b in codes)
    if not expected:
        return None
    observed = sum(together[a][b] * apart[a][b] for a in codes for b in codes)
    return 1 - (sum(totals) - 1) * observed / expected


def _apart(totals: Sequence[float], a: int, b: int, level: Level) -> float:
    """How far two codes are apart, squared: 0 or 1, or on an ordinal level by all that was coded between them."""
    if level is Level.NOMINAL:
        return float(a != b)
    low, high = min(a, b), max(a, b)
    return (sum(totals[low : high + 1]) - (totals[a] + totals[b]) / 2) ** 2


def interval(
    units: Sequence[Unit], codes: Sequence[str], level: Level, *, seed: int, resamples: int = RESAMPLES
) -> Interval | None:
    """A 95% interval of alpha, by drawing whole items again with replacement.

    None where alpha is not defined, or where there is one item only: nothing can be drawn otherwise than it was.

    This is the plain percentile bootstrap (Efron and Tibshirani 1993, ch. 13), which keeps the codes of an item
    together. Krippendorff's own algorithm draws pairs and leaves expected disagreement as it is.
    """
    counts = _counts(units, codes)
    if len(counts) < 2 or _alpha(counts, level) is None:
        return None
    chance, count = random.Random(seed), len(counts)  # noqa: S311 - no secret
    drawn = (_alpha([counts[int(chance.random() * count)] for _ in range(count)], level) for _ in range(resamples))
    found = [one for one in drawn if one is not None]
    if len(found) < 2:
        return None
    low, *_, high = quantiles(found, n=40, method="inclusive")
    return Interval(low, high, resamples, len(found), seed)
