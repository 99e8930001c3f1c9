"""Commands that fill the ledger from its files, and serve it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from tracker import db
from tracker.cli import backing_up
from tracker.events import Event, say
from tracker.models import Commitment

if TYPE_CHECKING:
    from flask import Flask

    from tracker.config import Settings

#: Who signs the loading of the seed.
SEED = "seed"

_HOW_MANY = select(func.count()).select_from(Commitment)

#: Takes connections at a host and port; returns the port, and what answers them.
_Listen = Callable[["Flask", str, int], tuple[int, Callable[[], None]]]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="几个进程；多于一个须装 gunicorn / So many processes; more than one needs gunicorn.",
)
@click.pass_obj
def serve(database: str, host: str, port: int, workers: int) -> None:
    """建库、升级、装载并启动网站 / Make, migrate and fill the database, and serve it."""
    db.check_place(db.connect(database))
    from tracker import config, events, keys  # noqa: PLC0415 - only serving needs a site
    from tracker.app import create_app  # noqa: PLC0415
    from tracker.cli import memory  # noqa: PLC0415
    from tracker.security import hosts  # noqa: PLC0415

    memory.share_between_threads()
    settings = config.settings()
    listen = _listen(settings, workers)
    if settings.secret_key:
        keys.strong(settings.secret_key)
    events.listen(settings.log)
    engine = db.connect(database)
    if notice := db.journal_notice(engine):
        click.echo(notice, err=True)
    damage = _make_ready(engine)
    if hosts.answers_nobody_else(host, settings):
        click.echo(hosts.NOTICE, err=True)
    app = create_app(database, served_on=host, damage=damage)
    token = "" if damage else _setup_token(engine)
    try:
        port, answer = listen(app, host, port)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{host}:{port} 无法监听 / cannot be served on: {error}; try --port") from error
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    click.echo(f"台账 / Ledger: {address}/    编辑台 / Desk: {address}/desk/")
    if token:
        click.echo(
            "尚无账户，请在一小时内用此一次性链接建立管理员 / No account yet; make the first one within an hour:"
            f" {address}/setup/{token}"
        )
    sys.stdout.flush()
    answer()


def _listen(settings: Settings, workers: int) -> _Listen:
    """What takes connections: this process, or so many. Raises `UsageError` where what that needs is not installed."""
    from tracker.cli import threads  # noqa: PLC0415
    from tracker.security import hosts  # noqa: PLC0415

    if workers == 1:
        return partial(threads.listen, believed=hosts.believed(settings))
    try:
        from tracker.cli import workers as processes  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise click.UsageError(
            "--workers 须先装 gunicorn / needs gunicorn, which Windows has not: pip install 'tracker[gunicorn]'"
        ) from error
    return partial(processes.listen, workers=workers)


def _setup_token(engine: Engine) -> str:
    """What opens the making of the first administrator; empty where somebody can sign in."""
    from tracker import accounts  # noqa: PLC0415

    with db.writing(engine, actor=SEED) as session:
        return accounts.setup_link(session)


def _make_ready(engine: Engine) -> str:
    """Bring the database to the newest revision and load the seed where it holds no commitment.

    A damaged one is left as it is; returns what is wrong with it.
    """
    from tracker.verification import starting  # noqa: PLC0415 - a list need not load what proves

    if damage := starting.damage(engine):
        said = "数据库已损坏，只读运行，请从备份恢复 / The database is damaged and served read-only: restore a backup"
        click.echo(f"{said} ({damage})", err=True)
        return damage
    if db.revision(engine) != db.newest_revision():
        backing_up.upgrade(engine)
    _guard(engine)
    with db.reading(engine) as session:
        is_empty = not session.scalar(_HOW_MANY)
    if is_empty:
        _load(engine, unless_filled=True)
        return ""
    # Somebody who writes for long, as an import does, need not keep the server from starting.
    with suppress(OperationalError):
        db.survey(engine)
    return ""


def _guard(engine: Engine) -> None:
    """Make dropped guards anew, and say so: somebody has had their hands on the database."""
    if absent := db.ensure_guards(engine):
        say(Event.GUARDS_MADE_ANEW, what=db.place(engine), guards=", ".join(absent))
        click.echo("防改触发器缺失或被改，已重建；请用 tracker verify --anchor 核查期间有无改动", err=True)
        click.echo(
            "Guards of the history were missing and are made anew; see whether it was changed meanwhile:", err=True
        )
        click.echo(f"    {', '.join(absent)}", err=True)


def _load(engine: Engine, *, unless_filled: bool = False) -> Any:
    from tracker import seed as seeds  # noqa: PLC0415

    # Of several that start at once one loads, and the others wait for it.
    with db.writing(engine, actor=SEED, alone=True) as session:
        if unless_filled and session.scalar(_HOW_MANY):
            return None
        changes = seeds.load(session, seeds.folder())
    db.survey(engine)
    return changes


@click.command()
@click.option("--check", is_flag=True, help="只检查文件，不动数据库 / Check the files; touch no database.")
@click.pass_obj
def seed(database: str, *, check: bool) -> None:
    """装载随附的两篇访谈；重复装载不产生改动 / Load the seed; twice changes nothing."""
    from tracker import seed as seeds  # noqa: PLC0415

    try:
        if check:
            counts = " · ".join(f"{name} {count}" for name, count in asdict(seeds.check(seeds.folder())).items())
            click.echo(f"文件无误 / the files are sound: {counts}")
            return
        engine = db.connect(database)
        if db.revision(engine) is None:
            db.upgrade(engine)
        changes = _load(engine)
    except seeds.SeedError as error:
        raise click.UsageError(str(error)) from error
    for notice in changes.notices:
        click.echo(notice)
    click.echo(f"新增 added {changes.added} · 修改 changed {changes.changed} · 未动 kept {changes.kept}")


COMMANDS = (serve, seed)
