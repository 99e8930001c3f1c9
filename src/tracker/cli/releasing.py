"""The command that makes and proves numbered releases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
from sqlalchemy import Engine

from tracker import db
from tracker.cli import arguments
from tracker.cli.asking import for_readers
from tracker.cli.exporting import signing_key
from tracker.cli.proving import of_file
from tracker.filters import CommitmentFilter
from tracker.standings import Cutoff


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--note", default="", help="附言，写入变化说明 / A note, for the list of changes.")
@click.option("--check", is_flag=True, help="核对已有的发布，不作新的 / Prove the releases there are; make none.")
@click.option("--key", "public", default="", help="签名者的公钥，见 /integrity 页 / Public key of who signed.")
@arguments.as_of
@click.pass_context
def release(
    context: click.Context, folder: Path, note: str, *, check: bool, public: str, as_of: date | None,
    recorded_by: date | None,
) -> None:  # fmt: skip
    """在文件夹中作下一次发布，或核对已有的 / Make the next numbered release in FOLDER, or prove those there are."""
    from tracker.datasets import releases  # noqa: PLC0415 - only this command needs them

    engine = db.connect(context.obj)
    if check:
        context.exit(1 if _prove(engine, folder, public) else 0)
    if not folder.parent.is_dir():
        raise click.UsageError(f"没有文件夹 / there is no folder {folder.parent}")
    for fault in [one for number in releases.numbers(folder)[-1:] for one in _faults(engine, folder, number, public)]:
        raise click.UsageError(f"上一次发布已损坏，不能续作 / the release before is damaged, none follows: {fault}")
    cutoff = for_readers(CommitmentFilter(cutoff=Cutoff(as_of, recorded_by))).cutoff
    _make(engine, folder, CommitmentFilter(cutoff=cutoff), note)


def _make(engine: Engine, folder: Path, asked: CommitmentFilter, note: str) -> None:
    from tracker import datasets  # noqa: PLC0415
    from tracker.datasets import releases  # noqa: PLC0415

    key = signing_key(engine)
    with db.reading(engine, at_once=True) as session:
        of = datasets.edition(session, datasets.Scope(asked), key)
        folder.mkdir(exist_ok=True)
        said = releases.release(session, of, folder, key, note)
    changed = said["changes"]
    told = ", ".join(f"{name} {number}" for name, number in changed.items()) if changed else "第一次 / the first"
    click.echo(f"{folder / said['path']}: {said['commitments']} 条 / commitments; {told}")


def _prove(engine: Engine, folder: Path, public: str) -> bool:
    """Whether something is wrong with a release; each is told."""
    from tracker.datasets import releases  # noqa: PLC0415

    found = False
    numbers = releases.numbers(folder)
    if not numbers:
        raise click.UsageError(f"没有发布 / there is no release in {folder}")
    for number in numbers:
        faults = list(_faults(engine, folder, number, public))
        found = found or bool(faults)
        click.echo(f"{'✗' if faults else '✓'} {releases.place(folder, number)}")
        for fault in faults:
            click.echo(f"    {fault}")
    return found


def _faults(engine: Engine, folder: Path, number: int, public: str) -> Iterator[str]:
    """What is wrong with a release: its files by their sums, and the sums by the checkpoint that was signed."""
    from tracker.datasets import releases  # noqa: PLC0415

    made = releases.place(folder, number)
    yield from releases.damaged(made)
    if (made / releases.SUMS).is_file():
        if (made / f"{releases.SUMS}.checkpoint").is_file():
            yield from of_file(engine, made / releases.SUMS, public)
        else:
            yield f"{made}: 没有检查点 / there is no {releases.SUMS}.checkpoint"


COMMANDS = (release,)
