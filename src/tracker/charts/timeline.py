"""One commitment in time: what was given, judged, published, planned, moved and reviewed, each in its lane."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tracker import timelines
from tracker.charts.chart import HERE, WIDTH, Address, Cell, Chart, framed, linked, listed, mark, speaking, wide
from tracker.charts.happenings import Happening, happenings, span, undated
from tracker.charts.palette import COLOURS
from tracker.standings import Cutoff

#: Pixels of a line of the timeline, of a letter's em, and between a point and its words.
_LINE, _EM, _GAP = 26, 13, 12


def timeline(session: Session, code: str, cutoff: Cutoff, *, language: str, address: Address) -> Chart:
    """The timeline of the commitment `code`. A mark asks `address` for `code` and `row`. Raises `LookupError`."""
    t = speaking(language)
    row = session.execute(timelines.commitment(code)).first()
    if row is None:
        raise LookupError(code)
    title = t(f"{code} 时间线：{row.title_zh}", f"{code}, timeline: {row.title_en}")
    found = happenings(session, row, cutoff, language)
    missing = undated(session, row.id, cutoff)
    said = _description(found, missing, language)
    if not found:
        return Chart(f"timeline-{code}", title, said, language)
    table = tuple(
        {
            t("日期", "Day"): Cell(one.shown or one.on.isoformat(), address(code=code, row=one.row)),
            t("种类", "What"): Cell(one.lane),
            t("内容", "In words"): Cell(one.words),
        }
        for one in sorted(found, key=lambda one: one.on)
    )
    values = _placed(found, language, lambda one: HERE + address(code=code, row=one.row))
    spec = framed(
        {"width": WIDTH, "height": {"step": _LINE}, "data": {"values": values}, "layer": _layers(values, found)}
    )
    return Chart(f"timeline-{code}", title, said, language, spec, table)


def _placed(found: list[Happening], language: str, link: Any) -> list[dict[str, Any]]:
    """Each happening on a line of its lane on which its words run into nothing."""
    t, (first, last) = speaking(language), span(found)
    values: list[dict[str, Any]] = []
    line = -1
    for lane in dict.fromkeys(one.lane for one in found):
        ends: list[float] = []
        line += 1
        for one in sorted((one for one in found if one.lane == lane), key=lambda one: one.on):
            begin, end, is_left = _extent(one, first, last)
            place = next((place for place, taken in enumerate(ends) if taken <= begin), len(ends))
            ends[place : place + 1] = [end]
            when = one.shown or one.on.isoformat()
            values.append({
                "line": f"{line + place:03}\n{lane if place == 0 else ''}", "on": one.on.isoformat(),
                "until": (one.until or one.on).isoformat(), "words": one.words, "colour": one.colour,
                "fill": COLOURS["surface"] if one.is_open else one.colour, "shape": one.shape, "link": link(one),
                "says": t(f"{lane}，{when}：{one.words}", f"{lane}, {when}: {one.words}"),
                "form": "span" if one.until else "point", "is_left": is_left,
            })  # fmt: skip
        line += len(ends) - 1
    return values


def _extent(one: Happening, first: date, last: date) -> tuple[float, float, bool]:
    """The pixels that a happening with its words takes, and whether the words stand left of it for want of room."""
    scale = WIDTH / (last - first).days
    begin, end = (one.on - first).days * scale, ((one.until or one.on) - first).days * scale
    words = _GAP + wide(one.words) * _EM
    if end + words <= WIDTH or begin - words < 0:
        return begin - _GAP, end + words, False
    return begin - words, end + _GAP, True


def _layers(values: list[dict[str, Any]], found: list[Happening]) -> list[dict[str, Any]]:
    first, last = span(found)
    x = {"field": "on", "type": "temporal", "title": None,
         "scale": {"type": "utc", "domain": [first.isoformat(), last.isoformat()]},
         "axis": {"format": "%Y-%m", "tickCount": 6, "labelOverlap": True}}  # fmt: skip
    y = {"field": "line", "type": "nominal", "title": None, "sort": sorted({value["line"] for value in values}),
         "axis": {"labelExpr": r"split(datum.value, '\n')[1]", "ticks": False, "domain": False,
                  "labelPadding": 8}}  # fmt: skip
    fill = {"field": "fill", "type": "nominal", "scale": None, "legend": None}
    stroke = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    shape = {"field": "shape", "type": "nominal", "scale": None, "legend": None}
    drawn = {"x": x, "y": y, "fill": fill, "stroke": stroke}
    words = {"type": "text", "stroke": COLOURS["surface"], "strokeWidth": 4, "aria": False}
    texts = [
        ({**words, "align": "left", "dx": _GAP}, "!datum.is_left", "until"),
        ({**words, "align": "right", "dx": -_GAP}, "datum.is_left", "on"),
    ]
    return [
        {"mark": mark("bar", height=12, strokeWidth=1.5), "transform": [{"filter": "datum.form == 'span'"}],
         "encoding": linked({**drawn, "x2": {"field": "until"}})},
        {"mark": mark("point", size=130, strokeWidth=2, opacity=1), "transform": [{"filter": "datum.form == 'point'"}],
         "encoding": linked({**drawn, "shape": shape})},
        *(
            {"mark": text, "transform": [{"filter": test}],
             "encoding": {"x": {**x, "field": field}, "y": y, "text": {"field": "words"}}}
            for text, test, field in texts
        ),
    ]  # fmt: skip


def _description(found: list[Happening], missing: int, language: str) -> str:
    """How many things of each kind there are, from when to when."""
    t = speaking(language)
    lanes = dict.fromkeys(one.lane for one in found)
    parts = [
        t(f"{lane} {number} 件", f"{lane.lower()}: {number}")
        for lane in lanes
        if (number := sum(one.lane == lane for one in found))
    ]
    without = (
        t(
            f"另有 {missing} 件依据没有刊发日期，不在图上。",
            f" {missing} cited without a date of publication: not drawn.",
        )
        if missing
        else ""
    )
    if not found:
        return (
            t("还没有带日期的记录，所以没有时间线。", "Nothing with a date is on record yet, so there is no timeline.")
            + without
        )
    first, last = min(one.on for one in found), max(one.until or one.on for one in found)
    return (
        t(f"{first} 至 {last}，共 {len(found)} 件：", f"{first} to {last}, {len(found)} in all: ")
        + listed(parts, language)
        + t("。已更正、被退回的评估不画。", ". Corrected and returned assessments are not drawn.") + without
    )  # fmt: skip
