"""A 督办单 as files: CSV for a spreadsheet, a page for paper."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tracker import events
from tracker.duban.sheet import COLUMNS, NOTE, Sheet
from tracker.events import Event
from tracker.export import harmless

#: Columns on paper that are filled in by hand.
BY_HAND = ("领导批示/督办意见", "签收")

_PACKAGE = Path(__file__).parents[1]


def lines(made: Sheet) -> Iterator[list[str]]:
    """The sheet as rows of texts: title, day and counts, note, columns, then each head and its lines."""
    yield [made.title]
    yield [made.day, made.counts]
    yield [NOTE]
    yield list(COLUMNS)
    for group in made.groups:
        yield [group.heading]
        for item in group.items:
            cited = "\n".join(source.line() for source in item.evidence)
            yield [cited or "—" if name == "佐证" else text for name, text in item.cells.items()]


def write_csv(made: Sheet, out: IO[bytes]) -> None:
    """Write the sheet as CSV with a BOM, for Excel; no cell is a formula."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    csv.writer(text).writerows([harmless(cell) for cell in line] for line in lines(made))
    text.flush()
    text.detach()
    events.say(Event.EXPORTED, what="csv", rows=sum(len(group.items) for group in made.groups))


def style() -> str:
    """The style sheet of the page."""
    return (_PACKAGE / "static" / "duban.css").read_text(encoding="utf-8")


def page(made: Sheet) -> str:
    """The sheet as one HTML page for A4 landscape that needs nothing else, with columns for the hand."""
    templates = Environment(
        loader=FileSystemLoader(_PACKAGE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return templates.get_template("duban.html").render(
        sheet=made,
        columns=COLUMNS,
        by_hand=BY_HAND,
        note=NOTE,
        style=Markup(style()),  # noqa: S704 - a file of our own
    )


def write_html(made: Sheet, out: IO[bytes]) -> None:
    """Write the page."""
    out.write(page(made).encode())


def policy() -> str:
    """The content security policy that lets the page have its own style and nothing else."""
    digest = base64.b64encode(sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
