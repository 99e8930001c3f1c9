"""Colours and patterns. The colours are those of the pages, read from their style sheet: there is no second list."""

from __future__ import annotations

import re
from importlib.resources import files

from tracker.codebook import Execution, Light

_STYLE = (files("tracker") / "static" / "colours.css").read_text(encoding="utf-8")

#: The light colours by name (`ink`, `status-planned`, …), as `static/colours.css` sets them for `:root`.
COLOURS: dict[str, str] = dict(re.findall(r"(?<![\w-])--([\w-]++):\s*+(#[0-9a-f]{6});", _STYLE.partition("@media")[0]))

#: The colours of the lights of pace, as `.light-red` and the like set them there.
LIGHTS: dict[Light, str] = {
    Light(code): colour or COLOURS[name]
    for code, name, colour in re.findall(
        r"\.light-(\w++) \{ --light: (?:var\(--([\w-]++)\)|(#[0-9a-f]{6})); \}", _STYLE
    )
}

#: Families that have Chinese characters on Linux, macOS and Windows.
FONT = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"

#: Side of the square that a pattern repeats, in pixels.
TILE = 6

#: How each status fills a bar in one colour: lines drawn over a `TILE`, and how wide; `None` fills it whole.
#: What nobody knows is empty, what is done is full.
PATTERNS: dict[Execution, tuple[str, float] | None] = {
    Execution.NOT_REVIEWED: ("", 0),
    Execution.NO_EVIDENCE_FOUND: ("M1,1.5h1.4M4,4.5h1.4", 1.4),
    Execution.NOT_ASSESSABLE: ("M0,3h6", 0.8),
    Execution.NOT_STARTED: ("M3,0v6", 0.8),
    Execution.PLANNED: ("M-1,1l2,-2M0,6l6,-6M5,7l2,-2", 1.2),
    Execution.IN_PROGRESS: ("M-1,1l2,-2M0,6l6,-6M5,7l2,-2", 2.9),
    Execution.PARTLY_COMPLETED: ("M3,0v6", 3.6),
    Execution.COMPLETED: None,
    Execution.COMPLETED_REDUCED: ("M0,3h6", 4.4),
    Execution.STALLED: ("M-1,5l2,2M0,0l6,6M5,-1l2,2", 1.2),
    Execution.BLOCKED: ("M0,0l6,6M0,6l6,-6", 1.1),
    Execution.ABANDONED: ("M0,0l6,6M0,6l6,-6", 2.2),
    Execution.REVERSED: ("M-1,5l2,2M0,0l6,6M5,-1l2,2", 2.9),
}


def status(execution: Execution) -> str:
    """The light colour of a status."""
    return COLOURS[f"status-{execution.value}"]
