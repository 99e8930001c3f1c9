"""What a chart is, and what all of them look like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unicodedata import east_asian_width

from tracker.charts.palette import COLOURS, FONT

#: Makes the address of the rows behind a mark from what they are asked for by. Named as in `CommitmentFilter`:
#: `cities`, `kinds`, `executions` (tuples), `code`; with `as_of` (a day); and `row`, a row on the commitment’s page:
#: `assessment-12`, `evidence-3`, `review-4`, `revision-5`, `milestone-6`, `figure-7` (each with its id), or `window`.
Address = Callable[..., str]

#: Before the address of every mark while Vega draws it: Vega sends addresses without a host elsewhere.
HERE = "https://here.invalid/"

#: What a line break may not divide.
_PIECE = re.compile(r"[（《“]*[\u2e80-\u9fff][，。、；：）》”]*|[^\u2e80-\u9fff\s（《“]+\s*|\s+|.")

#: Width of what is drawn, without the labels beside it, in pixels.
WIDTH = 560

#: The axis of names beside bars. Vega hangs a broken name below its bar: it is lifted by half a line for each break.
LINES: dict[str, Any] = {
    "domain": False,
    "ticks": False,
    "labelPadding": 8,
    "labelLineHeight": 16,
    "labelExpr": r"split(datum.value, '\n')",
    "labelOffset": {
        "condition": [{"test": rf"length(split(datum.value, '\n')) == {n}", "value": -8 * (n - 1)} for n in (2, 3, 4)],
        "value": 0,
    },
}


@dataclass(frozen=True)
class Cell:
    """What stands in a cell of the table beside a chart, and the address of the rows behind it."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing with its numbers; where there is nothing to draw, `rows` is empty and `description` says so."""

    #: unlike any other chart's on a page; part of the name of its files
    name: str
    title: str
    #: one sentence with the main numbers and what they are counted of
    description: str
    #: `zh` or `en`
    language: str
    #: Vega-Lite
    spec: dict[str, Any] = field(default_factory=dict)
    #: the table beside it: heading → cell, the first of them names the row
    rows: tuple[dict[str, Cell], ...] = ()

    def content(self) -> str:
        """All that is drawn, as a text: equal texts give equal drawings."""
        drawn = {"title": self.title, "description": self.description, "language": self.language, "spec": self.spec}
        return json.dumps(drawn, ensure_ascii=False, sort_keys=True)


def speaking(language: str) -> Callable[[str, str], str]:
    """Chooses the Chinese or the English of two texts."""
    return lambda zh, en: zh if language == "zh" else en


def listed(parts: list[str], language: str) -> str:
    """Some words, one after the other."""
    return ("、" if language == "zh" else ", ").join(parts)


def framed(drawing: dict[str, Any]) -> dict[str, Any]:
    """A whole specification around what is drawn."""
    text = {"labelColor": COLOURS["ink"], "titleColor": COLOURS["ink"], "labelFontSize": 13, "titleFontSize": 13}
    axis = {"domainColor": COLOURS["edge"], "tickColor": COLOURS["edge"], "gridColor": COLOURS["line"]}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": None,
        "padding": 4,
        **drawing,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {**text, **axis, "titleFontWeight": "normal", "labelLimit": 1000},
            "legend": {**text, "labelLimit": 1000, "symbolSize": 260, "symbolStrokeWidth": 1},
            "title": {"color": COLOURS["ink"], "fontSize": 15, "anchor": "start", "offset": 10, "limit": 1000},
            "text": {"color": COLOURS["ink"], "fontSize": 13},
        },
    }


def mark(kind: str, **settings: Any) -> dict[str, Any]:
    """A mark that carries a link: how to draw it. Its data have `link` and `says`."""
    return {"type": kind, "aria": True, **settings}


def linked(encoding: dict[str, Any]) -> dict[str, Any]:
    """The encoding of a mark with its address and what it says to whoever cannot see it."""
    return {**encoding, "href": {"field": "link"}, "description": {"field": "says", "type": "nominal"}}


def wide(text: str) -> float:
    """About how wide a text is drawn, in ems: a Chinese character is one, a Latin letter little more than half."""
    return sum(1.0 if east_asian_width(character) in "WF" else 0.56 for character in text)


def wrapped(text: str, ems: float) -> str:
    """A text broken into lines of at most `ems`: between words, or anywhere in Chinese but before a closing mark."""
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        if line and wide(line + piece.rstrip()) > ems:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return "\n".join([*lines, line.rstrip()])
