"""Commands of the database itself."""

from __future__ import annotations

import click

from tracker import db
from tracker.cli import backing_up, copying


@click.group("db")
def database() -> None:
    """数据库 / The database."""


@database.command("upgrade")
@click.pass_obj
def db_upgrade(url: str) -> None:
    """升级到本程序的版本 / Bring the database to the revision of this program."""
    engine = db.connect(url)
    before = db.revision(engine)
    backing_up.upgrade(engine)
    db.survey(engine)
    click.echo(f"{db.place(engine)}: {before or '—'} → {db.revision(engine)}")


@database.command("check")
@click.pass_context
def db_check(context: click.Context) -> None:
    """核对数据库与程序是否一致 / Check that the database fits the program; exit 1 where it does not."""
    engine = db.connect(context.obj)
    db.check_ready(engine)
    found = db.differences(engine)
    for difference in found:
        click.echo(difference)
    if found:
        context.exit(1)
    click.echo(f"{db.place(engine)}: {db.revision(engine)} ✓")


@database.command("grants")
@click.argument("role")
def db_grants(role: str) -> None:
    """运行程序所需的 PostgreSQL 权限 / What a PostgreSQL role needs to run the program: none of it changes history."""
    for statement in db.grants(role):
        click.echo(statement)


for _command in (backing_up.backup, backing_up.restore, copying.copy):
    database.add_command(_command)

COMMANDS = (database,)
