"""How the commitments of a city stood, month by month, as far as is known today."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import series
from tracker.charts.chart import HERE, WIDTH, Address, Cell, Chart, framed, linked, listed, mark, speaking
from tracker.charts.palette import COLOURS, status
from tracker.codebook import Execution, StatusGroup
from tracker.known import Known
from tracker.standings import Cutoff

#: What a date in EDTF says first: a year, or a month.
_SAID = re.compile(r"(\d{4})(?:-(\d{2}))?")

#: How many series are kept, of some 100 KB at most, by the state of the ledger that they were read from.
_kept: Known[list[tuple[date, Execution, int]]] = Known(32)

#: Counts of a day by group.
_Counts = dict[StatusGroup, int]

#: The layers from below.
_LAYERS = tuple(StatusGroup)

#: Most months that the table names; where more changed something, it keeps to the ends of years.
_MOST = 24

#: Pixels of the drawing's height, and the share of it that a line of words takes.
_HEIGHT = 300
_LINE = 0.062

_GROUP_OF = {execution: group for group in StatusGroup for execution in group.statuses}


def pace(
    session: Session, documents: Sequence[Row[Any]], of: int, cutoff: Cutoff, *, language: str, address: Address
) -> Chart:
    """The share of a city's followable commitments that stood in each group of statuses at the end of each month.

    `documents` are those of the city (`sources.of_city`, at least one), `of` is how many followable commitments it has.
    A mark asks `address` for `cities`, `executions`, a number in the table for `as_of` too.
    """
    t = speaking(language)
    city_code, place = documents[0].city_code, str(t(documents[0].city, documents[0].city_en))
    title = t(f"{place}的承诺逐月进展", f"{place}: the commitments month by month")
    name = f"pace-{city_code}"
    said = min(document.date for document in documents)
    days = list(month_ends(begins(said), cutoff.day()))
    if not of or not days:
        return Chart(
            name,
            title,
            t("没有可跟进的承诺，所以没有图。", "No commitment can be followed up: there is no chart."),
            language,
        )
    counts = _counts(session, city_code, cutoff, days, of)
    values = _values(counts, of, language, partial(address, cities=(city_code,)))
    spec = framed(
        {"width": WIDTH, "height": _HEIGHT, "layer": _layers(values, _names(counts, of, language), of, language)}
    )
    table = tuple(_table(counts, of, language, partial(address, cities=(city_code,))))
    return Chart(name, title, _description(place, said, counts, of, language), language, spec, table)


def begins(said: str) -> date:
    """The first day of the month, or of the year, that a document is dated to (EDTF): a day is never invented."""
    found = _SAID.match(said)
    if found is None:
        raise ValueError(f"no EDTF date: {said}")
    return date(int(found[1]), int(found[2] or 1), 1)


def month_ends(first: date, last: date) -> Iterator[date]:
    """The last day of each month from that of `first`; for the month of `last`, that day itself."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield min(date(year, month, monthrange(year, month)[1]), last)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _counts(session: Session, city_code: str, cutoff: Cutoff, days: list[date], of: int) -> dict[date, _Counts]:
    """How many stood in each group on each day. What nobody had judged by then is not reviewed."""
    counts: dict[date, _Counts] = {day: defaultdict(int) for day in days}
    for day, execution, number in _series(session, city_code, cutoff, days):
        counts[day][_GROUP_OF[execution]] += number
    for groups in counts.values():
        groups[StatusGroup.UNREVIEWED] += of - sum(groups.values())
    return counts


def _series(session: Session, city_code: str, cutoff: Cutoff, days: list[date]) -> list[tuple[date, Execution, int]]:
    """Day, status and how many, read anew where the ledger has changed: of a large city that takes seconds."""

    def read() -> list[tuple[date, Execution, int]]:
        rows = session.execute(series.statuses(city_code, cutoff, days))
        return [(row.day, Execution(row.execution), row.number) for row in rows]

    return _kept.of(session, (city_code, cutoff, *days), read)


def _values(counts: dict[date, _Counts], of: int, language: str, address: Address) -> list[dict[str, Any]]:
    """One value for each month and group that ever occurs: where its layer begins and ends, as a share."""
    t, values = speaking(language), []
    last = max(counts)
    for group, corners in _corners(counts, of).items():
        word, now = group.label(language), counts[last].get(group, 0)
        values += [
            {"day": day.isoformat(), "group": word, "from": start, "to": end,
             "link": HERE + address(executions=group.statuses),
             "says": t(f"{word}：到 {last} 共 {now} 条，分母 {of} 条", f"{word}: {now} of {of} by {last}")}
            for day, start, end in corners
        ]  # fmt: skip
    return values


def _corners(counts: dict[date, _Counts], of: int) -> dict[StatusGroup, list[tuple[date, float, float]]]:
    """The days on which the layer of each group turns, with where it begins and ends from then on, as shares."""
    layers: dict[StatusGroup, list[tuple[date, float, float]]] = {group: [] for group in _used(counts)}
    # A month is drawn from the end of the one before: the first needs a beginning.
    for day, groups in [(min(counts).replace(day=1), counts[min(counts)]), *counts.items()]:
        below = 0
        for group, layer in layers.items():
            here = (below / of, (below := below + groups.get(group, 0)) / of)
            # What goes on as it went needs no corner: the middle one of three alike moves on.
            if len(layer) > 1 and layer[-1][1:] == layer[-2][1:] == here:
                layer.pop()
            layer.append((day, *here))
    return layers


def _used(counts: dict[date, _Counts]) -> list[StatusGroup]:
    """The groups that ever occur."""
    return [group for group in _LAYERS if any(groups.get(group) for groups in counts.values())]


def _names(counts: dict[date, _Counts], of: int, language: str) -> list[dict[str, Any]]:
    """The name of each layer beside its end, moved up where the one below leaves no room."""
    last, names, start, lowest = max(counts), [], 0.0, 0.0
    for group in _used(counts):
        if not (count := counts[last].get(group, 0)):
            continue
        height = max(start + count / of / 2, lowest)
        text = f"{group.label(language)} {count} / {of}"
        names.append({"day": last.isoformat(), "height": height, "name": text})
        start, lowest = start + count / of, height + _LINE
    return names


def _layers(values: list[dict[str, Any]], names: list[dict[str, Any]], of: int, language: str) -> list[dict[str, Any]]:
    t = speaking(language)
    used = [group for group in _LAYERS if any(value["group"] == group.label(language) for value in values)]
    x = {"field": "day", "type": "temporal", "scale": {"type": "utc"}, "title": None,
         "axis": {"format": "%Y", "tickCount": {"interval": "year", "step": 1}, "grid": False}}  # fmt: skip
    y = {"field": "from", "type": "quantitative", "scale": {"domain": [0, 1]},
         "title": t(f"占 {of} 条可跟进承诺的比例", f"Share of {of} that can be followed up"),
         "axis": {"format": ".0%", "tickCount": 5}}  # fmt: skip
    fill = {"field": "group", "type": "nominal", "title": None,
            "scale": {"domain": [group.label(language) for group in used],
                      "range": [status(group.statuses[0]) for group in used]},
            "legend": {"orient": "top", "columns": 4, "symbolType": "square",
                       "symbolStrokeColor": COLOURS["ink"]}}  # fmt: skip
    area = mark("area", interpolate="step-before", stroke=COLOURS["ink"], strokeWidth=0.8)
    name = {"type": "text", "align": "left", "dx": 8, "fontWeight": 600, "aria": False}
    return [
        {"data": {"values": values}, "mark": area,
         "encoding": linked({"x": x, "y": y, "y2": {"field": "to"}, "fill": fill})},
        {"data": {"values": names}, "mark": name,
         "encoding": {"x": x, "y": {**y, "field": "height"}, "text": {"field": "name"}}},
    ]  # fmt: skip


def _table(counts: dict[date, _Counts], of: int, language: str, address: Address) -> Iterator[dict[str, Cell]]:
    """The months in which something changed, or the ends of years, with the first and the last."""
    t, used, days = speaking(language), _used(counts), sorted(counts)
    named = [
        day for before, day in zip([None, *days], days, strict=False)
        if not before or day == days[-1] or any(counts[before].get(one) != counts[day].get(one) for one in used)
    ]  # fmt: skip
    if len(named) > _MOST:
        named = [day for day in days if day in {days[0], days[-1]} or day.month == 12]
    for day in named:
        yield {
            t("到这一天", "By"): Cell(day.isoformat()),
            **{
                group.label(language): Cell(
                    str(count), address(executions=group.statuses, as_of=day)
                ) if (count := counts[day].get(group, 0)) else Cell("0")
                for group in used
            },
            t("合计", "All"): Cell(str(of)),
        }  # fmt: skip


def _description(place: str, said: str, counts: dict[date, _Counts], of: int, language: str) -> str:
    t = speaking(language)
    first, last = min(counts), max(counts)
    parts = [
        t(f"{group.zh} {count} 条", f"{count} {group.en.lower()}")
        for group in _LAYERS
        if (count := counts[last].get(group))
    ]
    return t(
        f"{place} {of} 条可跟进的承诺，到 {last}：{listed(parts, language)}；横轴从文献注明的时间（{said}）画起，"
        f"即 {first:%Y-%m}；某月之前还没有作出判断的，算未核查。",
        f"Of {place}’s {of} commitments that can be followed up, by {last}: {listed(parts, language)}; the axis begins"
        f" in {first:%Y-%m}, with the time that the document itself gives ({said}), and what nobody had looked at by a"
        " month counts as not reviewed.",
    )
