"""Commands that back up the whole database and restore it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine

from tracker import db
from tracker.backups.manifest import Manifest
from tracker.events import Event, say


@click.command("backup")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--keep", default=0, type=click.IntRange(0, 10_000), help="只留最新几份 / Keep only the newest so many.")
@click.pass_obj
def backup(url: str, file: Path | None, keep: int) -> None:
    """备份整个数据库并核验，他人可照常写入 / Back up and prove the whole database while others write.

    FILE: a new file, or a folder, in which the backup is named after revision and time; TRACKER_BACKUPS without it.
    """
    from tracker.backups import taking  # noqa: PLC0415 - a list need not load what backs up

    engine = db.connect(url)
    named = file is not None and not file.is_dir()
    if named and keep:
        raise click.UsageError("--keep 只用于文件夹 / --keep is for backups that go into a folder")
    with _progress() as report:
        if file is not None and named:
            path, made = file, taking.take(engine, file, report)
        else:
            path, made = taking.take_into(engine, file or taking.folder(engine), keep=keep, progress=report)
    click.echo(
        f"已备份并核验 / Backed up and proved: {path} ({made.size:,} B, {made.holds.revision},"
        f" {made.holds.total:,} rows of history, SHA-256 {made.sha256[:16]}…)"
    )


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on the screen, where there is one; copies of PostgreSQL don't tell how far they are."""
    with click.progressbar(length=1, file=sys.stderr, hidden=not sys.stderr.isatty(), label="备份 backup") as bar:

        def report(remaining: int, total: int) -> None:
            bar.length = total
            bar.update(total - remaining - bar.pos)

        yield report


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--verify", is_flag=True, help="只有通过全部核验才替换 / Replace nothing unless the backup passes tracker verify."
)
@click.option("--check", is_flag=True, help="只核对备份，不恢复 / Prove the backup and restore nothing.")
@click.option("--discard-newer", is_flag=True, help="放弃备份之后的记录 / Give up what was written after the backup.")
@click.pass_obj
def restore(url: str, file: Path, *, verify: bool, check: bool, discard_newer: bool) -> None:
    """从备份恢复；被替换的数据库另存 / Restore a backup; the database that it replaces is kept aside.

    Stop the server first. A damaged backup, or one that lacks what the database holds, is refused, and nothing changes.
    """
    from tracker.backups import restoring  # noqa: PLC0415

    engine = db.connect(url)
    if check:
        known, checks = restoring.check(engine, file)
        click.echo(f"备份完好 / The backup is whole: {_said(known, checks)}")
        return
    restored = restoring.restore(engine, file, verified=verify, discard_newer=discard_newer)
    click.echo(f"已恢复 / Restored {db.place(engine)}: {_said(restored.manifest, restored.checks)}")
    if restored.aside:
        click.echo(f"原数据库另存为 / What was there is kept as {restored.aside}")
    if restored.manifest.holds.revision != db.newest_revision():
        click.echo("备份版本较旧 / The backup is of an older revision: run “tracker db upgrade”, then “tracker verify”")


def upgrade(engine: Engine) -> None:
    """Bring a database to the newest revision; one that is there already is backed up before that, or left alone."""
    from tracker.backups import taking  # noqa: PLC0415

    before = db.revision(engine)
    if before is not None and before < db.newest_revision():
        path, made = taking.take_into(engine, taking.folder(engine), why="before-upgrade")
        click.echo(
            f"升级前已备份并核验 / Backed up and proved before the upgrade: {path} (SHA-256 {made.sha256[:16]}…)"
        )
    db.upgrade(engine)
    say(Event.UPGRADED, what=db.place(engine), before=before, after=db.revision(engine))


def _said(known: Manifest, checks: int) -> str:
    """What a backup holds, in one line."""
    holds = known.holds
    chain = f", chain {holds.chain_size} {holds.chain_head[:16]}…" if holds.chain_size else ""
    passed = f"; 核验 {checks} 项通过 / {checks} checks of “tracker verify” passed" if checks else ""
    return f"{known.taken_at:%Y-%m-%d %H:%M:%S} UTC, {holds.revision}, {holds.total:,} rows of history{chain}{passed}"
