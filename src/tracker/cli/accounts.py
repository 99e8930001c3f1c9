"""Commands of accounts: who may sign in, and as what."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import audit, db
from tracker.cli.arguments import Code, operator
from tracker.cli.tables import table
from tracker.codebook import Role
from tracker.events import Event, say
from tracker.models import User


@click.group()
def user() -> None:
    """账户 / Accounts."""


@user.command("add")
@click.argument("name")
@click.option("--email", required=True, help="用于登录 / For signing in.")
@click.option("--role", type=Code(Role), required=True, help="reader, analyst, reviewer, admin")
@click.password_option(envvar="TRACKER_PASSWORD", help="不填则提示输入 / Asked for where it is not given.")
@click.pass_obj
def user_add(database: str, name: str, email: str, role: Role, password: str) -> None:
    """新建可登录的账户 / Make an account that can sign in."""
    from tracker import accounts, passwords  # noqa: PLC0415

    name, email = name.strip(), email.strip().lower()
    if "@" not in email or not audit.can_sign(name):
        raise click.UsageError("须有姓名和电子邮箱 / needs a name and an e-mail address")
    kept = passwords.kept(_taken(password, name, email))
    with db.writing(db.connect(database), actor=(operator() or "operator")) as session:
        taken = select(User).where((User.email == email) | ((User.name == name) & User.password.is_not(None)))
        if session.scalar(taken):
            raise click.UsageError(f"{name} 或 {email} 已有账户 / has an account already")
        accounts.make_account(session, name=name, email=email, password=kept, role=role)
        say(Event.ACCOUNT_MADE, what=name, role=role)
    click.echo(f"已建立 / Made: {name} <{email}> {role.zh} {role.en}")


@user.command("list")
@click.pass_obj
def user_list(database: str) -> None:
    """列出账户 / List accounts."""
    with db.reading(db.connect(database)) as session:
        accounts = session.scalars(select(User).order_by(User.name)).all()
    headings = ["姓名 Name", "邮箱 E-mail", "角色 Role", "登录 Sign-in"]
    rows = [
        [u.name, u.email or "—", f"{u.role.zh} {u.role.en}", "可 yes" if u.active and u.password else "不可 no"]
        for u in accounts
    ]
    for line in table(headings, rows):
        click.echo(line)


@user.command("set")
@click.argument("name")
@click.option("--role", type=Code(Role), help="新角色 / New role.")
@click.option("--active/--inactive", default=None, help="启用或停用 / Let in or keep out.")
@click.pass_obj
def user_set(database: str, name: str, *, role: Role | None, active: bool | None) -> None:
    """改变角色，启用或停用 / Change a role; let in or keep out."""
    if role is None and active is None:
        raise click.UsageError("请给出 / give --role, --active or --inactive")
    with db.writing(db.connect(database), actor=(operator() or "operator")) as session:
        account = _account(session, name)
        account.role = role or account.role
        account.active = account.active if active is None else active
    click.echo(f"已更新 / Updated: {name}")


def _taken(password: str, *about: str) -> str:
    """A password that nobody guesses easily; refused otherwise."""
    from tracker import passwords  # noqa: PLC0415

    if fault := passwords.fault(password, about=about):
        raise click.UsageError(" / ".join(fault))
    return password


def _account(session: Session, name: str) -> User:
    found = session.scalar(select(User).where(User.name == name))
    if found is None:
        raise click.UsageError(f"没有账户 / there is no account “{name}”; “tracker user list” shows them")
    return found


COMMANDS = (user,)
