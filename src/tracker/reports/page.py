"""A report as one page that needs nothing else, for the screen and for A4."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from pathlib import Path
from typing import IO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tracker import charts, events
from tracker.charts import palette
from tracker.charts.chart import speaking
from tracker.codebook import Execution
from tracker.events import Event
from tracker.reports import wording
from tracker.reports.report import Report

_PACKAGE = Path(__file__).parents[1]

#: Chinese words, with what stands between them.
_CHINESE = re.compile("([\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+)")


def style() -> str:
    """The style sheet of the page: colours of the statuses by name, then how it looks."""
    statuses = "".join(f".status-{code.value} {{ color: {palette.status(code)}; }}\n" for code in Execution)
    return statuses + (_PACKAGE / "static" / "report.css").read_text(encoding="utf-8")


def page(made: Report, checkpoint: str = "") -> str:
    """The report as one HTML page; `checkpoint` is what is signed of the state of the ledger that it is of."""
    templates = Environment(
        loader=FileSystemLoader(_PACKAGE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return templates.get_template("report.html").render(
        report=made,
        t=speaking(made.language),
        say=wording,
        checkpoint=checkpoint,
        drawings=[(chart, Markup(charts.file(chart).decode())) for chart in made.charts],  # noqa: S704 - our own drawing
        style=Markup(style()),  # noqa: S704 - a file of our own
        pieces=lambda words: _pieces(words, made.language),
    )


def _pieces(words: str, language: str) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is Chinese on an English page: whoever has it read aloud needs to know."""
    parts = _CHINESE.split(words) if language == "en" else [words]
    return [(part, bool(number % 2)) for number, part in enumerate(parts) if part]


def write_html(made: Report, checkpoint: str, out: IO[bytes]) -> None:
    """Write the page."""
    out.write(page(made, checkpoint).encode())
    events.say(Event.EXPORTED, what="report.html", rows=sum(1 + len(head.parts) for head in made.heads))


def policy() -> str:
    """The content security policy that lets the page have its own style and nothing else."""
    digest = base64.b64encode(sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
