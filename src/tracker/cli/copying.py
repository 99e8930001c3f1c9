"""The command that moves a ledger from one database to another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Engine

from tracker import checkpoints, db


@click.command("copy")
@click.argument("from_url")
@click.argument("to_url")
@click.option("--verify", is_flag=True, help="只有通过全部核验才写入 / Keep the copy only if it passes tracker verify.")
def copy(from_url: str, to_url: str, *, verify: bool) -> None:
    """把台账复制到另一个空数据库，历史、编号和记录链不变 / Copy a ledger into another, empty database.

    Between SQLite and PostgreSQL in either direction: every row with its number, the history and its chain. Stop the
    server first: what is written meanwhile is not in the copy. The target is made where it is not there.
    """
    from tracker.backups import copying  # noqa: PLC0415 - a list need not load what copies

    source, target = db.connect(from_url), db.connect(to_url)
    with _progress() as report:
        copied = copying.copy(source, target, verified=verify, progress=report)
    db.put_away(target)
    holds = copied.holds
    passed = (
        f"; 核验 {copied.checks} 项通过 / {copied.checks} checks of “tracker verify” passed" if copied.checks else ""
    )
    click.echo(
        f"已复制 / Copied {db.place(source)} → {db.place(target)}: {sum(copied.rows.values()):,} rows,"
        f" {holds.revision}, chain {holds.chain_size} {holds.chain_head[:16]}…{passed}"
    )
    click.echo("账户、口令、第二验证和令牌已一并复制 / Accounts, passwords, second factors and tokens came along.")
    for line in _keys(source, target):
        click.echo(line)


def _keys(source: Engine, target: Engine) -> Iterator[str]:
    """What is still to be done about the files of keys, which belong beside the database and are never copied."""
    for ending, zh, en in (
        (".key", "否则须重新登录，第二验证失效", "or everybody signs in anew and second factors are lost"),
        (checkpoints.KEY, "否则检查点改由新密钥签名", "or checkpoints are signed by a new key"),
    ):
        old, new = db.beside(source, ending), db.beside(target, ending)
        if old.exists() and not new.exists():
            yield f"密钥文件未复制，{zh} / A file of keys stays behind, {en}:  cp -p {old} {new}"


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on the screen, where there is one."""
    with click.progressbar(length=1, file=sys.stderr, hidden=not sys.stderr.isatty(), label="复制 copy") as bar:

        def report(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield report
