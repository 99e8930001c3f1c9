"""Commands of upkeep: serve, seed, export, user, db."""

from __future__ import annotations

import secrets
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker import audit, db, filters
from tracker.cli.arguments import Code, as_of, operator
from tracker.cli.tables import table
from tracker.codebook import Role
from tracker.models import Commitment, User
from tracker.standings import Cutoff

#: Who signs the loading of the seed.
SEED = "seed"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.pass_obj
def serve(database: str, host: str, port: int) -> None:
    """建库、升级、装载并启动网站 / Make, migrate and fill the database, and serve it."""
    from waitress.server import create_server  # noqa: PLC0415 - only serving needs a server

    from tracker import auth  # noqa: PLC0415
    from tracker.app import create_app  # noqa: PLC0415

    engine = db.connect(database)
    _make_ready(engine)
    with db.reading(engine) as session:
        token = "" if auth.somebody_can_sign_in(session) else secrets.token_urlsafe(24)
    app = create_app(database, setup_token=token)
    try:
        server = create_server(app, host=host, port=port, ident="tracker")
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{host}:{port} 无法监听 / cannot be served on: {error}; try --port") from error
    address = f"http://{f'[{host}]' if ':' in host else host}:{getattr(server, 'effective_port', port)}"
    click.echo(f"台账 / Ledger: {address}/    编辑台 / Desk: {address}/desk/")
    if token:
        click.echo(
            f"尚无账户，请用此一次性链接建立管理员 / No account yet; make the first one: {address}/setup/{token}"
        )
    sys.stdout.flush()
    try:
        server.run()
    finally:
        server.close()


def _make_ready(engine: Engine) -> None:
    """Bring the database to the newest revision and load the seed where it holds no commitment."""
    if db.revision(engine) != db.newest_revision():
        db.upgrade(engine)
    with db.reading(engine) as session:
        is_empty = not session.scalar(select(func.count()).select_from(Commitment))
    if is_empty:
        _load(engine)
        return
    # Somebody who writes for long, as an import does, need not keep the server from starting.
    with suppress(OperationalError):
        db.survey(engine)


def _load(engine: Engine) -> Any:
    from tracker import seed as seeds  # noqa: PLC0415

    with db.writing(engine, actor=SEED) as session:
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


@click.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl", "xlsx"]), required=True, help="格式 / Format.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="文件 / File.")
@click.option("--scheme", help="附上另一评级体系的说法 / Add the status in the terms of another scheme.")
@as_of
@click.pass_obj
def export(database: str, /, form: str, out: Path, scheme: str | None, **cutoff: Any) -> None:
    """导出全部承诺 / Export every commitment."""
    from tracker import crosswalk, records  # noqa: PLC0415
    from tracker import export as files  # noqa: PLC0415

    if not out.parent.is_dir():
        raise click.UsageError(f"没有文件夹 / there is no folder {out.parent}")
    with db.reading(db.connect(database)) as session, files.replacing(out) as file:
        rows = records.records(session, filters.CommitmentFilter(cutoff=Cutoff(**cutoff)))
        if scheme:
            rows = crosswalk.in_terms_of(session, scheme, rows)
        count = files.write(rows, form, file)
    click.echo(f"{out}: {count} 条 / commitments")


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
    from tracker import auth  # noqa: PLC0415

    name, email = name.strip(), email.strip().lower()
    if len(password) < auth.PASSWORD_LENGTH:
        raise click.UsageError(
            f"密码至少 {auth.PASSWORD_LENGTH} 个字符 / use {auth.PASSWORD_LENGTH} characters or more"
        )
    if "@" not in email or not audit.can_sign(name):
        raise click.UsageError("须有姓名和电子邮箱 / needs a name and an e-mail address")
    with db.writing(db.connect(database), actor=(operator() or "operator")) as session:
        taken = select(User).where((User.email == email) | ((User.name == name) & User.password.is_not(None)))
        if session.scalar(taken):
            raise click.UsageError(f"{name} 或 {email} 已有账户 / has an account already")
        auth.make_account(session, name=name, email=email, password=password, role=role)
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


def _account(session: Session, name: str) -> User:
    found = session.scalar(select(User).where(User.name == name))
    if found is None:
        raise click.UsageError(f"没有账户 / there is no account “{name}”; “tracker user list” shows them")
    return found


@click.group("db")
def database() -> None:
    """数据库 / The database."""


@database.command("upgrade")
@click.pass_obj
def db_upgrade(url: str) -> None:
    """升级到本程序的版本 / Bring the database to the revision of this program."""
    engine = db.connect(url)
    before = db.revision(engine)
    db.upgrade(engine)
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


COMMANDS = (serve, seed, export, user, database)
