"""What became of the commitments of each kind, city by city."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from tracker.charts.chart import (
    HERE,
    LINES,
    WIDTH,
    Address,
    Cell,
    Chart,
    framed,
    linked,
    listed,
    mark,
    speaking,
    wrapped,
)
from tracker.charts.palette import COLOURS, status
from tracker.codebook import Execution, Kind
from tracker.filters import CommitmentFilter
from tracker.tallies import OfKind

#: Pixels of a bar, with the space below it.
_BAR = 34

#: Pixels that a digit takes: a number is written into a bar that has room for it.
_DIGIT = 9

#: Ems of a line beside the bars.
_LABEL = 12


def status_by_kind(rows: Sequence[OfKind], asked: CommitmentFilter, *, language: str, address: Address) -> Chart:
    """For each city its kinds of commitments as bars, divided by status of execution.

    `rows` are what `tallies.by_kind` counts of `asked`. A mark asks `address` for `cities`, `kinds`, `executions`.
    """
    t = speaking(language)
    name = "status-by-kind" + "".join(f"-{code}" for code in asked.cities)
    title = t("各类承诺后来怎样", "What became of the commitments, by kind")
    if not rows:
        return Chart(
            name,
            title,
            t("没有可跟进的承诺，所以没有图。", "No commitment can be followed up: there is no chart."),
            language,
        )
    cities = [list(group) for _, group in groupby(rows, key=lambda row: row.city_code)]
    longest = max(sum(row.number for row in group) for city in cities for group in _kinds(city).values())
    used = [code for code in Execution if any(row.execution == code for row in rows)]
    panels = [
        _panel(
            city,
            _bars(city, language, address, longest),
            longest,
            language,
            explained=used if city is cities[0] else [],
        )
        for city in cities
    ]
    spec = framed({"vconcat": panels, "spacing": 26})
    table = tuple(line for city in cities for line in _lines(city, used, language, address))
    return Chart(name, title, _description(cities, language), language, spec, table)


def _kinds(city: list[OfKind]) -> dict[Kind, list[OfKind]]:
    """The rows of a city by kind, in the order of the codebook."""
    return {kind: found for kind in Kind if (found := [row for row in city if row.kind == kind])}


def _place(row: OfKind, language: str) -> str:
    return str(row.city if language == "zh" else row.city_en)


def _asked(row: OfKind, address: Address) -> str:
    return address(cities=(row.city_code,), kinds=(row.kind,), executions=(row.execution,))


def _bars(city: list[OfKind], language: str, address: Address, longest: int) -> list[dict[str, Any]]:
    """One value for each part of a bar, with where it begins and ends."""
    t, bars = speaking(language), []
    for kind, rows in _kinds(city).items():
        label, start, of = kind.label(language), 0, sum(row.number for row in rows)
        for row in sorted(rows, key=lambda row: list(Execution).index(row.execution)):
            word = row.execution.label(language)
            room = WIDTH * row.number / longest >= _DIGIT * len(str(row.number)) + 2
            bars.append({
                "kind": wrapped(label, _LABEL), "status": word, "count": row.number, "from": start,
                "to": start + row.number, "of": of, "number": str(row.number) if room else "",
                "link": HERE + _asked(row, address),
                "says": t(f"{_place(row, language)}，{label}：{word} {row.number} 条，共 {of} 条",
                          f"{_place(row, language)}, {label}: {word} {row.number} of {of}"),
            })  # fmt: skip
            start += row.number
    return bars


def _panel(
    city: list[OfKind], bars: list[dict[str, Any]], longest: int, language: str, *, explained: list[Execution]
) -> dict[str, Any]:
    """The bars of one city, under its name and the number of its commitments; above them what the fillings mean."""
    t = speaking(language)
    of, place = sum(row.number for row in city), _place(city[0], language)
    kinds = list(dict.fromkeys(bar["kind"] for bar in bars))
    codes = list(Execution)
    y = {"field": "kind", "type": "nominal", "sort": kinds, "title": None, "axis": LINES}
    x = {"field": "from", "type": "quantitative", "title": t("条数", "Commitments"),
         "scale": {"domain": [0, longest], "nice": False},
         "axis": {"format": "d", "tickMinStep": 1, "tickCount": 6}}  # fmt: skip
    fill = {"field": "status", "type": "nominal", "title": None,
            "scale": {"domain": [code.label(language) for code in codes], "range": [status(code) for code in codes]},
            "legend": {"orient": "top", "values": [code.label(language) for code in explained], "columns": 5,
                       "symbolType": "square", "symbolStrokeColor": COLOURS["ink"]} if explained else None}  # fmt: skip
    bar = mark("bar", stroke=COLOURS["ink"], strokeWidth=0.8, height={"band": 0.72})
    number = {"type": "text", "stroke": COLOURS["surface"], "strokeWidth": 4, "fontWeight": 600, "aria": False}
    return {
        "title": t(f"{place}：{of} 条可跟进的承诺", f"{place}: {of} commitments that can be followed up"),
        "width": WIDTH,
        "height": {"step": _BAR},
        "data": {"values": bars},
        "transform": [{"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
        "layer": [
            {"mark": bar, "encoding": linked({"y": y, "x": x, "x2": {"field": "to"}, "fill": fill})},
            {"mark": number, "encoding": {"y": y, "x": {**x, "field": "middle"}, "text": {"field": "number"}}},
        ],
    }


def _lines(city: list[OfKind], used: list[Execution], language: str, address: Address) -> list[dict[str, Cell]]:
    """The table: a row for each kind of a city, a column for each status that occurs anywhere."""
    t, lines = speaking(language), []
    for kind, rows in _kinds(city).items():
        counts = {row.execution: row for row in rows}
        lines.append({
            t("类别", "Kind"): Cell(f"{_place(rows[0], language)} · {kind.label(language)}"),
            **{
                code.label(language): Cell(str(counts[code].number), _asked(counts[code], address))
                if code in counts else Cell("0")
                for code in used
            },
            t("合计", "All"): Cell(
                str(sum(row.number for row in rows)), address(cities=(rows[0].city_code,), kinds=(kind,))
            ),
        })  # fmt: skip
    return lines


def _description(cities: list[list[OfKind]], language: str) -> str:
    """Of how many commitments of each city how many have each status."""
    t, said = speaking(language), []
    for city in cities:
        counts = {code: sum(row.number for row in city if row.execution == code) for code in Execution}
        parts = [t(f"{code.zh} {count} 条", f"{count} {code.en.lower()}") for code, count in counts.items() if count]
        of, place = sum(row.number for row in city), _place(city[0], language)
        said.append(
            t(f"{place} {of} 条可跟进的承诺中，", f"{place}, of {of} that can be followed up: ")
            + listed(parts, language)
        )
    return t("；", "; ").join(said) + t("。", ".")
