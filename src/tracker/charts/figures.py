"""Stated against found: each figure that was measured, as a share of what was said."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import progress
from tracker.charts.chart import HERE, LINES, WIDTH, Address, Cell, Chart, framed, linked, mark, speaking, wrapped
from tracker.charts.palette import COLOURS
from tracker.codebook import Comparator, PublicationState
from tracker.filters import CommitmentFilter
from tracker.models import Commitment, Jurisdiction, StatedFigure

#: Most figures that are drawn: those measured last.
_MOST = 20

#: Ems of a line beside the bars, and pixels of a bar with the space below it.
_LABEL, _BAR = 19, 62


def stated_and_found(session: Session, asked: CommitmentFilter, *, language: str, address: Address) -> Chart:
    """Each figure of the published commitments of `asked` (its city, its code) that has a measured value.

    The bar is found over stated; the stated value is 100 %. A mark asks `address` for `code` and `row`.
    """
    t = speaking(language)
    rows = session.execute(_figures(asked)).all()
    measured = [row for row in rows if row.found is not None]
    name = "-".join(["stated-and-found", *asked.cities, *filter(None, [asked.code])])
    title = t("原文所说与后来查到的数", "What was stated and what was found")
    if not measured:
        said = t(
            f"原文 {len(rows)} 个数都还没有查到对应的数值，所以没有图。",
            f"None of the {len(rows)} figures in the text has been measured yet, so there is no chart.",
        )
        return Chart(name, title, said if rows else t("原文没有可查的数。", "The text gives no figure."), language)
    latest = sorted(measured, key=lambda row: row.found_as_of, reverse=True)[:_MOST]
    shown = [row for row in measured if row in latest]
    drawn = [_value(row, language, address) for row in shown if row.found_share is not None]
    table = tuple(_line(row, language, address) for row in shown)
    spec = _spec(drawn, language) if drawn else {}
    return Chart(name, title, _description(measured, len(rows), language), language, spec, table)


def _figures(asked: CommitmentFilter) -> Any:
    """The figures of the commitments asked for, with their codes; a figure of no commitment has no row behind."""
    rows = (
        progress.figures(asked.cutoff)
        .add_columns(Commitment.code)
        .join(Commitment, Commitment.id == StatedFigure.commitment_id)
        .join(Jurisdiction, Jurisdiction.id == Commitment.jurisdiction_id)
        .where(Commitment.publication_state == PublicationState.PUBLISHED)
    )
    if asked.cities:
        rows = rows.where(Jurisdiction.code.in_(asked.cities))
    return rows.where(Commitment.code == asked.code) if asked.code else rows


def _stated(row: Row[Any], language: str) -> str:
    """The value of the text with what bounds it and its unit: `≥ 1300 家`."""
    unit = row.unit_zh if language == "zh" else row.unit_en
    return f"{Comparator(row.comparator).label(language)} {row.value:,.10g} {unit}".strip()


def _found(row: Row[Any], language: str) -> str:
    return f"{row.found:,.10g} {row.unit_zh if language == 'zh' else row.unit_en}"


def _value(row: Row[Any], language: str, address: Address) -> dict[str, Any]:
    t = speaking(language)
    what = str(t(row.what_zh, row.what_en))
    words = t(f"查到 {_found(row, language)}，原文 {_stated(row, language)}（{row.found_share:.0%}）",
              f"found {_found(row, language)}, stated {_stated(row, language)} ({row.found_share:.0%})")  # fmt: skip
    return {
        "figure": wrapped(f"{row.code} {what}", _LABEL),
        "share": row.found_share,
        "words": words,
        "link": HERE + address(code=row.code, row=f"figure-{row.id}"),
        "says": t(f"{row.code} {what}：{words}，{row.found_as_of}", f"{row.code} {what}: {words}, {row.found_as_of}"),
    }


def _line(row: Row[Any], language: str, address: Address) -> dict[str, Cell]:
    t = speaking(language)
    share = f"{row.found_share:.1%}" if row.found_share is not None else t("不可比", "not comparable")
    return {
        t("数", "Figure"): Cell(f"{row.code} {t(row.what_zh, row.what_en)}"),
        t("原文", "Stated"): Cell(_stated(row, language)),
        t("查到", "Found"): Cell(_found(row, language), address(code=row.code, row=f"figure-{row.id}")),
        t("数值日期", "Value of"): Cell(row.found_as_of.isoformat()),
        t("查到占原文", "Found of stated"): Cell(share),
    }


def _spec(drawn: list[dict[str, Any]], language: str) -> dict[str, Any]:
    t = speaking(language)
    end = max(1.0, *(value["share"] for value in drawn)) * 1.08
    start = min(0.0, *(value["share"] for value in drawn))
    y = {"field": "figure", "type": "nominal", "title": None, "sort": [value["figure"] for value in drawn],
         "axis": LINES}  # fmt: skip
    x = {"field": "share", "type": "quantitative", "title": t("占原文数值的比例", "Share of the stated value"),
         "scale": {"domain": [start, end], "nice": False}, "axis": {"format": ".0%", "tickCount": 6}}  # fmt: skip
    text = {"type": "text", "align": "left", "baseline": "bottom", "yOffset": -12, "aria": False}
    return framed({
        "width": WIDTH, "height": {"step": _BAR}, "data": {"values": drawn},
        "layer": [
            {"mark": mark("bar", height=14, yOffset=6, fill=COLOURS["bar"], stroke=COLOURS["ink"], strokeWidth=0.8),
             "encoding": linked({"x": x, "y": y})},
            {"mark": {"type": "rule", "strokeWidth": 2, "stroke": COLOURS["ink"], "aria": False},
             "data": {"values": [{"stated": 1}]}, "encoding": {"x": {"field": "stated", "type": "quantitative"}}},
            {"mark": text, "encoding": {"x": {"datum": start}, "y": y, "text": {"field": "words"}}},
        ],
    })  # fmt: skip


def _description(measured: list[Row[Any]], of: int, language: str) -> str:
    t = speaking(language)
    each = [
        t(f"{row.what_zh}，原文 {_stated(row, language)}，查到 {_found(row, language)}",
          f"{row.what_en}, stated {_stated(row, language)}, found {_found(row, language)}")
        for row in measured[:3]
    ]  # fmt: skip
    more = t("等", " and others") if len(measured) > len(each) else ""
    latest = t(f"这里列出数值日期最近的 {_MOST} 个。", f" Here are the {_MOST} with the latest values.")
    return t(
        f"原文 {of} 个数中 {len(measured)} 个查到了后来的数值：{'；'.join(each)}{more}。",
        f"Of {of} figures in the text {len(measured)} have a value found later: {'; '.join(each)}{more}.",
    ) + (latest if len(measured) > _MOST else "")
