"""The command that lists commitments. It begins in half a second and holds no more of a long list than a page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy.orm import Session

from tracker import db, queries
from tracker.cli import asking, sheets
from tracker.cli.arguments import FORMATS
from tracker.codebook import Timeliness
from tracker.filters import CommitmentFilter

#: How many rows are read at once.
_CHUNK = 500


@click.command("list")
@asking.which
@click.option("--format", "form", type=FORMATS, default="table", show_default=True, help="输出格式 / Output.")
@click.option("--limit", type=click.IntRange(1, 10_000_000), help="最多几条 / At most so many.")
@click.pass_obj
def list_(database: str, /, form: str, limit: int | None, **given: Any) -> None:
    """列出承诺 / List commitments."""
    with db.reading(db.connect(database)) as session:
        asked = asking.asked(session, given)
        if form != "table":
            from tracker import export, records  # noqa: PLC0415 - a table need not load what writes files

            is_empty = not export.write(records.records(session, asked, limit), form, sys.stdout.buffer)
        else:
            is_empty = True
            for line in sheets.ledger(_rows(session, asked, limit)):
                click.echo(line)
                is_empty = False
        if is_empty:
            click.echo(sheets.nothing_found(session, asked), err=form != "table")


def _rows(session: Session, asked: CommitmentFilter, limit: int | None) -> Iterator[dict[str, Any]]:
    """What a table shows of the commitments, and nothing else of them."""
    rows = queries.commitments(asked, only=sheets.SHOWN).limit(limit)
    for row in session.execute(rows, execution_options={"yield_per": _CHUNK}).mappings():
        yield {**row, "timeliness": Timeliness(row["timeliness"])}


COMMANDS = (list_,)
