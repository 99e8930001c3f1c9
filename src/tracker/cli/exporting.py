"""The command that writes the ledger to files, and beside them a signed checkpoint by which they can be proved."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tracker import db
from tracker.cli import asking
from tracker.cli.signing import own_key
from tracker.filters import CommitmentFilter

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_FORMATS = ["csv", "jsonl", "xlsx", "datapackage", "sqlite", "log"]


@click.command()
@click.option("--format", "form", type=click.Choice(_FORMATS), required=True, help="格式 / Format.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="文件；数据包为文件夹或 .zip / File; folder or .zip."
)
@click.option("--scheme", help="附上另一评级体系的说法 / Add the status in the terms of another scheme.")
@asking.which
@click.pass_obj
def export(database: str, /, form: str, out: Path, scheme: str | None, **given: Any) -> None:
    """导出承诺（可筛选）、整套数据 (datapackage, sqlite) 或记录链 (log) / Export commitments, all or some; every table
    as a data package or an SQLite file; or the chain of every change (log)."""
    if not out.parent.is_dir():
        raise click.UsageError(f"没有文件夹 / there is no folder {out.parent}")
    if form == "log" and (scheme or any(given.values())):
        raise click.UsageError("记录链只能整条导出 / the log is exported whole: no filter, no days, no --scheme")
    if scheme and form in _WHOLE:
        raise click.UsageError("--scheme 只用于 csv、jsonl、xlsx / --scheme goes with csv, jsonl and xlsx only")
    engine = db.connect(database)
    with db.reading(engine, at_once=True) as session:
        asked = asking.asked(session, given)
        if form in _WHOLE:
            count = _WHOLE[form](session, asking.for_readers(asked), out, signing_key(engine))
        else:
            count = _one_file(session, form, out, scheme, asked)
        if out.is_file():
            _sign(session, engine, out)
    click.echo(f"{out}: {count} 条 / {'entries' if form == 'log' else 'commitments'}")


def _one_file(session: Session, form: str, out: Path, scheme: str | None, asked: CommitmentFilter) -> int:
    from tracker import export as files  # noqa: PLC0415

    with files.replacing(out) as file:
        return _write(session, form, file, scheme, asked)


def _write(session: Session, form: str, file: IO[bytes], scheme: str | None, asked: CommitmentFilter) -> int:
    from tracker import chain, crosswalk, records  # noqa: PLC0415
    from tracker import export as files  # noqa: PLC0415

    if form == "log":
        return sum(file.write(line) > 0 for line in chain.log(session.connection()))
    rows = records.records(session, asked)
    if scheme:
        rows = crosswalk.in_terms_of(session, scheme, rows)
    return files.write(rows, form, file)


def _package(session: Session, asked: CommitmentFilter, out: Path, key: Ed25519PrivateKey) -> int:
    """A data package as an archive, where `out` says so, else as a new folder."""
    from tracker import datasets  # noqa: PLC0415
    from tracker import export as files  # noqa: PLC0415

    of = datasets.edition(session, datasets.Scope(asked), key)
    if out.suffix.lower() == ".zip":
        with files.replacing(out) as file:
            return datasets.write_zip(session, of, file, key)
    with files.new_folder(out) as folder:
        return datasets.write_folder(session, of, folder, key)


def _sqlite(session: Session, asked: CommitmentFilter, out: Path, key: Ed25519PrivateKey) -> int:
    """One SQLite file, and beside it what Datasette is told of it."""
    from tracker import datasets  # noqa: PLC0415
    from tracker import export as files  # noqa: PLC0415

    of = datasets.edition(session, datasets.Scope(asked), key)
    with files.replacing(out) as file, tempfile.TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder) / "made.db"
        count = datasets.write_sqlite(session, of, made)
        files.copy(made, file)
    with files.replacing(out.with_name(f"{out.name}.metadata.json")) as beside:
        said = datasets.described(of, out.stem)
        beside.write(json.dumps(said, ensure_ascii=False, indent=2).encode() + b"\n")
    return count


#: Formats that hold every table.
_WHOLE: dict[str, Callable[[Session, CommitmentFilter, Path, Ed25519PrivateKey], int]] = {
    "datapackage": _package,
    "sqlite": _sqlite,
}


def signing_key(engine: Engine) -> Ed25519PrivateKey:
    """The key of this installation, made where there is none."""
    key = own_key(engine, make=True)
    assert key is not None  # noqa: S101 - it is made where there is none
    return key


def _sign(session: Session, engine: Engine, file: Path) -> None:
    """Write beside a file what it was made from, signed."""
    from tracker import checkpoints  # noqa: PLC0415
    from tracker import export as files  # noqa: PLC0415

    with files.replacing(file.with_name(f"{file.name}.checkpoint")) as beside:
        beside.write(checkpoints.checkpoint(session, signing_key(engine), file=file).encode())


COMMANDS = (export,)
