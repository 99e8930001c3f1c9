"""The command that writes the ledger to a file, and beside it a signed checkpoint by which the file can be proved."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tracker import db
from tracker.cli import asking
from tracker.cli.signing import own_key
from tracker.filters import CommitmentFilter


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl", "xlsx", "log"]), required=True, help="格式 / Format."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="文件 / File.")
@click.option("--scheme", help="附上另一评级体系的说法 / Add the status in the terms of another scheme.")
@asking.which
@click.pass_obj
def export(database: str, /, form: str, out: Path, scheme: str | None, **given: Any) -> None:
    """导出承诺（可筛选），或记录链 (log) / Export commitments, all or some, or the chain of every change (log)."""
    from tracker import export as files  # noqa: PLC0415

    if not out.parent.is_dir():
        raise click.UsageError(f"没有文件夹 / there is no folder {out.parent}")
    if form == "log" and (scheme or any(given.values())):
        raise click.UsageError("记录链只能整条导出 / the log is exported whole: no filter, no days, no --scheme")
    engine = db.connect(database)
    with db.reading(engine) as session:
        with files.replacing(out) as file:
            count = _write(session, form, file, scheme, asking.asked(session, given))
        _sign(session, engine, out)
    click.echo(f"{out}: {count} 条 / {'entries' if form == 'log' else 'commitments'}")


def _write(session: Session, form: str, file: IO[bytes], scheme: str | None, asked: CommitmentFilter) -> int:
    from tracker import chain, crosswalk, records  # noqa: PLC0415
    from tracker import export as files  # noqa: PLC0415

    if form == "log":
        return sum(file.write(line) > 0 for line in chain.log(session.connection()))
    rows = records.records(session, asked)
    if scheme:
        rows = crosswalk.in_terms_of(session, scheme, rows)
    return files.write(rows, form, file)


def _sign(session: Session, engine: Engine, file: Path) -> None:
    """Write beside a file what it was made from, signed."""
    from tracker import checkpoints  # noqa: PLC0415
    from tracker import export as files  # noqa: PLC0415

    key = own_key(engine, make=True)
    assert key is not None  # noqa: S101 - it is made where there is none
    with files.replacing(file.with_name(f"{file.name}.checkpoint")) as beside:
        beside.write(checkpoints.checkpoint(session, key, file=file).encode())


COMMANDS = (export,)
