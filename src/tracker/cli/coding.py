"""Commands of second coding: draw, list, sheet, read, code, show, adjudicate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import db, reliability
from tracker.cli import arguments, coding_sheets
from tracker.cli.arguments import Code
from tracker.codebook import CodedField
from tracker.models import CodingItem, CodingRound, User


@click.group()
def coding() -> None:
    """双人编码与信度 / Blind second coding, and how far two coders agree."""


@contextmanager
def _signed(database: str, analyst: str | None) -> Iterator[tuple[Session, User]]:
    """A session that an analyst writes in, and the account that signs."""
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        yield session, arguments.account(session, name)


def _round(session: Session, name: str) -> CodingRound:
    found = session.scalar(select(CodingRound).where(CodingRound.name == name.strip()))
    if found is None:
        known = ", ".join(session.scalars(select(CodingRound.name).order_by(CodingRound.id))) or "—"
        raise click.UsageError(f"没有轮次 / there is no round “{name}”; allowed: {known}")
    return found


@coding.command("draw")
@click.argument("name")
@click.option("--size", type=click.IntRange(1, 1_000_000), required=True, help="承诺条数 / How many commitments.")
@click.option(
    "--field", "fields", type=Code(CodedField), multiple=True, required=True, help="字段，可多次 / Repeatable."
)
@click.option("--city", help="城市，默认全部 / City; all if not given.")
@click.option("--seed", type=click.IntRange(0, reliability.SEEDS - 1), help="种子，默认随机并存档 / Made if not given.")
@arguments.signed
@click.pass_obj
def draw(database: str, /, name: str, city: str | None, analyst: str | None, **asked: Any) -> None:
    """抽取一份可重现的样本 / Draw a sample that can be drawn again."""
    with _signed(database, analyst) as (session, account):
        city_code = None if city is None else arguments.city_code(session, city)
        drawn = reliability.draw(session, name, drawn_by=account, city_code=city_code, **asked)
        done = (
            f"{drawn.name} · 种子 seed {drawn.seed} · {asked['size']}/{drawn.population} × {len(set(asked['fields']))}"
        )
    click.echo(f"已抽取 / Drawn: {done}")


@coding.command("list")
@click.pass_obj
def list_(database: str) -> None:
    """列出各轮 / List the rounds."""
    with db.reading(db.connect(database)) as session:
        for line in coding_sheets.rounds(session):
            click.echo(line)


@coding.command()
@click.argument("name", metavar="ROUND")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="文件 / File.")
@arguments.signed
@click.pass_obj
def sheet(database: str, name: str, out: Path, analyst: str | None) -> None:
    """写出待编的盲编表 / Write what an analyst has still to code, without the first coding."""
    from tracker import export  # noqa: PLC0415 - only what writes files needs it

    if not out.parent.is_dir():
        raise click.UsageError(f"没有文件夹 / there is no folder {out.parent}")
    who = arguments.signature(analyst)
    with db.reading(db.connect(database)) as session:
        rows = list(coding_sheets.blind(session, _round(session, name), _person(session, who)))
        if not rows:
            raise click.UsageError(f"{who} 在这一轮没有待编的项 / has nothing left to code in this round")
        with export.replacing(out) as file:
            export.write(iter(rows), "csv", file)
    click.echo(f"{out}: {len(rows)} 项 / items · {who}")


@coding.command()
@click.argument("name", metavar="ROUND")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@arguments.signed
@click.pass_obj
def read(database: str, name: str, file: Path, analyst: str | None) -> None:
    """读入填好的盲编表，要么全部要么不读 / Read a sheet that was filled in: all of it or nothing."""
    given = coding_sheets.filled(file)
    with _signed(database, analyst) as (session, account):
        new, known = coding_sheets.take(session, _round(session, name), given, coder=account)
        left = len(reliability.left(session, _round(session, name), account))
        done = f"{new} 项 / items · 已有 kept {known} · 待编 left {left} · {account.name}"
    click.echo(f"已读入 / Read: {done}")


def _one(command: Callable[..., Any]) -> Callable[..., Any]:
    """Arguments that name one item and give it a value."""
    for argument in (
        arguments.signed,
        click.argument("value"),
        click.argument("field", type=Code(CodedField)),
        click.argument("code"),
        click.argument("name", metavar="ROUND"),
    ):
        command = argument(command)
    return command


@coding.command("code")
@_one
@click.option("--note", help="疑问 / Your doubt.")
@click.pass_obj
def code_(database: str, /, field: CodedField, value: str, note: str | None, analyst: str | None, **named: str) -> None:
    """编一项 / Code one item."""
    with _signed(database, analyst) as (session, account):
        found = _item(session, field, **named)
        reliability.code(session, found, field.named(value), coder=account, note=note)
        left = len(reliability.left(session, found.round, account))
    click.echo(f"已编 / Coded: {named['code'].upper()} {field.zh} {field.en} · 待编 left {left} · {account.name}")


@coding.command()
@_one
@click.option("--note", required=True, help="理由 / Why.")
@click.pass_obj
def adjudicate(database: str, /, field: CodedField, value: str, note: str, analyst: str | None, **named: str) -> None:
    """裁定一项；台账本身不变 / Decide an item; the ledger itself is not changed."""
    with _signed(database, analyst) as (session, account):
        found = _item(session, field, **named)
        made = reliability.adjudicate(session, found, field.named(value), note=note, adjudicator=account)
        done = f"{named['code'].upper()} {field.zh} {field.en}: {made.code.zh} {made.code.en} · {account.name}"
        changes = made.value != found.first_value
    click.echo(f"已裁定 / Adjudicated: {done}")
    if changes:
        for line in coding_sheets.where_to_change(field, named["code"].upper()):
            click.echo(line)


def _item(session: Session, field: CodedField, *, name: str, code: str) -> CodingItem:
    return reliability.item(session, _round(session, name), code, field)


@coding.command()
@click.argument("name", metavar="ROUND")
@arguments.signed
@click.pass_obj
def show(database: str, name: str, analyst: str | None) -> None:
    """一致率、α 与分歧 / Agreement, alpha, interval and disagreements."""
    from tracker.agreement import results  # noqa: PLC0415 - the other commands do without

    with db.reading(db.connect(database)) as session:
        drawn, who = _round(session, name), analyst or arguments.operator()
        if reliability.is_blind(session, drawn, _person(session, who)):
            raise click.UsageError(
                f"{who} 还没有编完，编完才能看结果 / has not finished coding: results open after that"
            )
        for line in coding_sheets.results(results(session, drawn)):
            click.echo(line)


def _person(session: Session, name: str) -> User | None:
    return session.scalar(select(User).where(User.name == name.strip()))


COMMANDS = (coding,)
