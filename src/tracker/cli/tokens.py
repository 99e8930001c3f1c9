"""Commands of tokens: by which programs use the API in the name of an account."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy import select

from tracker import db
from tracker.cli.arguments import Code, operator
from tracker.cli.tables import table
from tracker.codebook import Role
from tracker.events import Event, say
from tracker.models import ApiToken, User
from tracker.tokens import MOST_DAYS, USUAL_DAYS


@click.group()
def token() -> None:
    """接口令牌 / Tokens of the API."""


@token.command("add")
@click.option("--user", "owner", required=True, help="账户姓名 / Name of the account.")
@click.option("--role", type=Code(Role), required=True, help="至多为账户的角色 / At most that of the account.")
@click.option("--name", required=True, help="令牌的名称 / What the token is called.")
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=USUAL_DAYS,
    show_default=True,
    help="有效天数 / Days it is good.",
)
@click.pass_obj
def token_add(database: str, /, owner: str, role: Role, name: str, days: int) -> None:
    """新建令牌，只显示一次 / Make a token, which is shown this once."""
    from tracker import tokens  # noqa: PLC0415

    with db.writing(db.connect(database), actor=operator() or "operator") as session:
        account = session.scalar(select(User).where(User.name == owner))
        if account is None:
            raise click.UsageError(f"没有账户 / there is no account “{owner}”; “tracker user list” shows them")
        made, text = tokens.make(session, account, name, role, days=days)
        until = made.expires_at.date()
    say(Event.TOKEN_MADE, what=owner, token=name, role=role, days=days)
    click.echo(f"令牌有效至 {until}，只显示这一次 / Good until {until}; shown this once:", err=True)
    click.echo(text)


@token.command("list")
@click.pass_obj
def token_list(database: str) -> None:
    """列出令牌 / List tokens."""
    from tracker import tokens  # noqa: PLC0415

    now = datetime.now(UTC)
    with db.reading(db.connect(database)) as session:
        found = session.scalars(tokens.every()).all()
    headings = ["序号 No.", "账户 Account", "名称 Name", "角色 Role", "有效至 Until", "上次使用 Last used", "有效 Good"]
    rows = [
        [
            str(row.id),
            row.user.name,
            row.name,
            f"{tokens.may(row).zh} {tokens.may(row).en}",
            f"{row.expires_at:%Y-%m-%d}",
            f"{row.last_used_at:%Y-%m-%d}" if row.last_used_at else "—",
            "是 yes" if row.user.active and tokens.is_good(row, now) else "否 no",
        ]
        for row in found
    ]
    for line in table(headings, rows):
        click.echo(line)


@token.command("revoke")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.pass_obj
def token_revoke(database: str, number: int) -> None:
    """作废令牌 / Have a token open nothing from now on."""
    from tracker import tokens  # noqa: PLC0415

    with db.writing(db.connect(database), actor=operator() or "operator") as session:
        found = session.get(ApiToken, number)
        if found is None:
            raise click.UsageError(f"没有令牌 / there is no token {number}; “tracker token list” shows them")
        tokens.revoke(found)
        name, owner = found.name, found.user.name
    say(Event.TOKEN_REVOKED, what=owner, token=name)
    click.echo(f"已作废 / Revoked: {owner} · {name}")


COMMANDS = (token,)
