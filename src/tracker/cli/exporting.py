"""The command that writes the ledger to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tracker import db, filters
from tracker.cli.arguments import as_of
from tracker.standings import Cutoff


@click.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl", "xlsx"]), required=True, help="格式 / Format.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="文件 / File.")
@click.option("--scheme", help="附上另一评级体系的说法 / Add the status in the terms of another scheme.")
@as_of
@click.pass_obj
def export(database: str, /, form: str, out: Path, scheme: str | None, **cutoff: Any) -> None:
    """导出全部承诺 / Export every commitment."""
    from tracker import crosswalk, records  # noqa: PLC0415
    from tracker import export as files  # noqa: PLC0415

    if not out.parent.is_dir():
        raise click.UsageError(f"没有文件夹 / there is no folder {out.parent}")
    with db.reading(db.connect(database)) as session, files.replacing(out) as file:
        rows = records.records(session, filters.CommitmentFilter(cutoff=Cutoff(**cutoff)))
        if scheme:
            rows = crosswalk.in_terms_of(session, scheme, rows)
        count = files.write(rows, form, file)
    click.echo(f"{out}: {count} 条 / commitments")


COMMANDS = (export,)
