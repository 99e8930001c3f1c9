"""Commands of accounts: who may sign in, and as what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import audit, db
from tracker.cli.arguments import Code, operator
from tracker.cli.tables import table
from tracker.codebook import Role
from tracker.events import Event, say
from tracker.models import User


@contextmanager
def _changing(database: str) -> Iterator[Session]:
    """A session whose changes are signed by whoever is at the keyboard."""
    with db.writing(db.connect(database), actor=operator() or "operator") as session:
        yield session


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
    with _changing(database) as session:
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
    from tracker import accounts  # noqa: PLC0415

    if role is None and active is None:
        raise click.UsageError("请给出 / give --role, --active or --inactive")
    with _changing(database) as session:
        account = _account(session, name)
        role, active = role or account.role, account.active if active is None else active
        if accounts.is_last_administrator(session, account) and not (active and role is Role.ADMIN):
            raise click.UsageError(
                f"{name} 是最后一个可登录的管理员，请先另设一名 / is the last administrator who can sign in:"
                " make another one first"
            )
        account.role, account.active = role, active
    say(Event.ACCOUNT_CHANGED, what=name, role=role, active=active)
    click.echo(f"已更新 / Updated: {name}")


@user.command("password")
@click.argument("name")
@click.password_option(envvar="TRACKER_PASSWORD", help="不填则提示输入 / Asked for where it is not given.")
@click.pass_obj
def user_password(database: str, name: str, password: str) -> None:
    """设新密码，并结束该账户的所有登录 / Set a new password, which ends every session of the account."""
    from tracker import accounts, passwords  # noqa: PLC0415

    with db.reading(db.connect(database)) as session:
        email = _account(session, name).email or ""
    kept = passwords.kept(_taken(password, name, email))
    with _changing(database) as session:
        accounts.set_password(_account(session, name), kept)
    say(Event.PASSWORD_CHANGED, what=name)
    click.echo(f"密码已改 / Password changed: {name}")


@user.command("reset-factor")
@click.argument("name")
@click.pass_obj
def user_reset_factor(database: str, name: str) -> None:
    """取消第二步验证，手机丢失时用 / Take a second factor away, as when the phone is lost; ends every session."""
    from tracker import accounts, second_factors  # noqa: PLC0415

    with _changing(database) as session:
        account = _account(session, name)
        try:
            second_factors.remove_all(session, account)
        except second_factors.PasswordTooShort as error:
            raise click.UsageError(
                "该账户的密码较短，只能与第二步验证同用，请先 / the password stands only beside a second factor; first:"
                f" tracker user password {name}"
            ) from error
        accounts.end_sessions(account)
    say(Event.SECOND_FACTOR_REMOVED, what=name)
    click.echo(f"已取消第二步验证 / Second factor taken away: {name}")


@user.command("sign-out")
@click.argument("name")
@click.pass_obj
def user_sign_out(database: str, name: str) -> None:
    """结束该账户的所有登录 / End every session of an account."""
    from tracker import accounts  # noqa: PLC0415

    with _changing(database) as session:
        accounts.end_sessions(_account(session, name))
    say(Event.SIGNED_OUT, what=name)
    click.echo(f"已结束 / Ended: {name}")


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
