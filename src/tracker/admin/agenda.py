"""The calendar of what falls due: a month as a table, its entries below, and the months of the year."""

from __future__ import annotations

import re
from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from flask import request
from flask_admin.base import expose
from sqlalchemy import Row

from tracker import agenda, queries
from tracker.admin import arguments
from tracker.admin.base import Closed
from tracker.codebook import Role
from tracker.language import lazy
from tracker.standings import Cutoff

#: Entries of one kind shown of one day: in a month, and where the day is asked for.
_OF_MONTH, _OF_DAY = 8, 500

_MONTH = re.compile(r"(19|2\d)\d\d-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Month:
    """A month and the days of its weeks, Monday first."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @property
    def weeks(self) -> list[list[date]]:
        """Its weeks; the first and the last reach into the months beside it."""
        return Calendar().monthdatescalendar(self.first.year, self.first.month)

    @property
    def previous(self) -> Month:
        """The month before."""
        return Month((self.first - timedelta(days=1)).replace(day=1))

    @property
    def following(self) -> Month:
        """The month after."""
        return Month(self.last + timedelta(days=1))

    @property
    def address(self) -> str:
        """As it stands in an address: 2020-12."""
        return f"{self.first:%Y-%m}"


class CalendarView(Closed):
    """What falls due, month by month."""

    opens: ClassVar[dict[str, Role]] = {"index": Role.READER}

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("日历", "Calendar"), endpoint="calendar", url="/desk/calendar")
        self.session = session

    @expose("/")
    def index(self) -> str:
        """A month, today's if none is named; with `day`, all of one day."""
        arguments.only(["city", "month", "day"])
        cities = self.session.execute(queries.cities()).all()
        city, day = arguments.one_of("city", [row.code for row in cities]), arguments.day("day")
        month, of = _month(day), (city,) if city else ()
        counts = self._counts(month, of)
        found = self.session.execute(
            agenda.entries(day or month.first, day or month.last, most=_OF_DAY if day else _OF_MONTH, cities=of)
        ).all()
        return self.render(
            "desk/calendar.html",
            cities=cities,
            city=city,
            day_asked=day,
            month=month,
            months=[Month(date(month.first.year, number, 1)) for number in range(1, 13)],
            counts=counts,
            of_month=_by_month(counts),
            days=_by_day(found),
            statuses=self._statuses(found),
            nearest=self.session.execute(agenda.nearest(month.first, month.last, cities=of)).one(),
            kinds=agenda.KINDS,
            today=Cutoff().day(),
        )

    def _counts(self, month: Month, cities: tuple[str, ...]) -> dict[date, dict[str, int]]:
        """Day of the year of `month` → kind → how many entries."""
        year = month.first.year
        counts: dict[date, dict[str, int]] = defaultdict(dict)
        for row in self.session.execute(agenda.days(date(year, 1, 1), date(year, 12, 31), cities=cities)):
            counts[row.day][row.kind] = row.count
        return counts

    def _statuses(self, found: list[Row[Any]]) -> dict[int, Row[Any]]:
        ids = {row.commitment_id for row in found if row.commitment_id}
        return {row.id: row for row in self.session.execute(agenda.statuses(ids))} if ids else {}


def _month(day: date | None) -> Month:
    """The month of a day, or the one that the address names. Answers 400 to anything else."""
    given = request.args.get("month", "").strip()
    if day or not given:
        return Month((day or Cutoff().day()).replace(day=1))
    if not _MONTH.fullmatch(given):
        arguments.refuse(f"month={given[:40]}", ["2020-12"])
    return Month(date.fromisoformat(f"{given}-01"))


def _by_month(counts: dict[date, dict[str, int]]) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for day, kinds in counts.items():
        sums[day.month] += sum(kinds.values())
    return sums


def _by_day(found: list[Row[Any]]) -> dict[date, dict[str, list[Row[Any]]]]:
    """Day → kind → entries, in order."""
    days: dict[date, dict[str, list[Row[Any]]]] = {}
    for row in found:
        days.setdefault(row.day, {}).setdefault(row.kind, []).append(row)
    return days
