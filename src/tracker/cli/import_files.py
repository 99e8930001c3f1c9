"""Files in the form of the seed, taken in from elsewhere: one file, or a folder laid out as the seed is."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import Engine

from tracker import db, events, seed
from tracker.cli import arguments
from tracker.events import Event


def taken(engine: Engine, path: Path, analyst: str | None, *, dry_run: bool) -> None:
    """Import a file or a folder, all or nothing. Raises `UsageError` where it is wrong, with file and line."""
    name = arguments.signature(analyst)
    try:
        with db.writing(engine, actor=name) as session:
            arguments.account(session, name)
            done = seed.load(session, path) if path.is_dir() else seed.load_file(session, path, actor=name)
            if dry_run:
                session.rollback()
    except seed.SeedError as wrong:
        raise click.UsageError(f"{wrong}；没有写入 / nothing was written") from wrong
    for notice in done.notices:
        click.echo(notice)
    what = "将会 would be" if dry_run else "已导入 / Imported"
    click.echo(
        f"{what}: 新增 added {done.added} · 改动 changed {done.changed} · 删去 removed {done.removed}"
        f" · 未变 kept {done.kept} · {name}"
    )
    if not dry_run:
        db.survey(engine)
        events.say(Event.IMPORTED, who=name, what=path.name, added=done.added, changed=done.changed)
