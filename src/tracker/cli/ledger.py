"""Commands that read the ledger: show, summary, coverage."""

from __future__ import annotations

import sys
from datetime import date

import click

from tracker import db, filters, records, tallies
from tracker.cli import arguments, histories, sheets, tables
from tracker.cli.arguments import FORMATS
from tracker.standings import Cutoff


@click.command()
@click.argument("code")
@click.option("--history", is_flag=True, help="全部评估与修改记录 / Every assessment and every change.")
@arguments.as_of
@click.pass_obj
def show(database: str, code: str, *, history: bool, as_of: date | None, recorded_by: date | None) -> None:
    """查看一条承诺 / Show a commitment."""
    with db.reading(db.connect(database)) as session:
        commitment = arguments.commitment(session, code)
        cutoff = Cutoff(as_of, recorded_by)
        asked = filters.CommitmentFilter(code=commitment.code, cutoff=cutoff, unpublished=True)
        for record in records.records(session, asked):
            for line in sheets.commitment(record):
                click.echo(line)
        if history:
            for line in histories.history(session, commitment, cutoff):
                click.echo(line)


@click.command()
@click.option(
    "--by", type=click.Choice(["kind", "status", "timeliness", "completion"]), default="status", show_default=True
)
@arguments.as_of
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@click.pass_obj
def summary(database: str, by: str, form: str, as_of: date | None, recorded_by: date | None) -> None:
    """各市计数，连同分母 / Counts by city, with their denominators."""
    asked = filters.CommitmentFilter(cutoff=Cutoff(as_of, recorded_by))
    column = "execution" if by == "status" else by
    with db.reading(db.connect(database)) as session:
        if by == "completion":
            counted = tallies.completed(session, asked)
        else:
            counted = [dict(row) for row in session.execute(tallies.tally(column, asked)).mappings()]
    if form != "table":
        from tracker import export  # noqa: PLC0415

        export.write(iter(counted), form, sys.stdout.buffer)
        return
    for line in sheets.completion(counted) if by == "completion" else sheets.counts(by, counted):
        click.echo(line)


@click.command()
@click.argument("document", required=False)
@click.pass_obj
def coverage(database: str, document: str | None) -> None:
    """回答文字有多少进入台账 / How much of the answers the ledger holds."""
    from tracker.coverage import coverage as measure  # noqa: PLC0415

    with db.reading(db.connect(database)) as session:
        found = measure(session, document)
        if document and not found:
            keys = ", ".join(row.document for row in measure(session))
            raise click.UsageError(f"没有文献 / there is no document “{document}”; allowed: {keys}")
    headings = ["文献 Document", "字数 Characters", "承诺 In commitments", "背景 Marked context", "遗漏 In no row"]
    rows = [
        [r.document, str(r.total), f"{r.held} ({r.share:.1%})", str(r.context), str(r.total - r.held - r.context)]
        for r in found
    ]
    for line in tables.table(headings, rows):
        click.echo(line)
    for row in found:
        for start, words in row.missing:
            click.echo(f"{row.document} {start}: {words}")


COMMANDS = (show, summary, coverage)
