"""A backup of PostgreSQL is an archive of `pg_dump`, taken at the same moment as the figures of its manifest."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from tracker.backups import BackupRefused
from tracker.backups.holdings import Holdings
from tracker.db import postgresql

#: What an upgrade and a backup hold in common on PostgreSQL: the tables of this schema.
_SCHEMA = "public"


@contextmanager
def dumped(engine: Engine, target: Path) -> Iterator[Connection]:
    """Write the database to `target` while others go on writing; yields a connection to that very moment of it."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        program = _tool("pg_dump", connection)
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        asked = [
            "--format=custom",
            f"--schema={_SCHEMA}",
            f"--snapshot={snapshot}",
            f"--file={target}",
            "--no-password",
        ]
        _run([program, *asked, f"--dbname={_address(engine)}"], engine)
        yield connection


def _tool(name: str, connection: Connection) -> str:
    """A program of PostgreSQL that is there and not older than the server, to which it leads. Else `BackupRefused`."""
    if postgresql.through_a_pooler(connection):
        # What these programs set for their session would stay with a server that others are handed next.
        raise BackupRefused(
            "备份和恢复须直连服务器 / this address leads through a pooler: backups and restores need the server itself,"
            " named by --database or TRACKER_DATABASE_URL"
        )
    program = shutil.which(name)
    if program is None:
        raise BackupRefused(
            f"找不到 {name} / {name} is not there: install PostgreSQL’s client programs (Debian: postgresql-client)"
        )
    command = [program, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - without a shell
    found = re.search(r"(\d+)(?:\.\d+)?", said.partition(")")[2])
    server = int(str(connection.scalar(text("SHOW server_version_num")))) // 10000
    if found is None or int(found[1]) < server:
        raise BackupRefused(
            f"{name} 版本低于服务器 / {name} ({said.strip()}) is older than the server ({server}):"
            f" install postgresql-client-{server}"
        )
    return program


def _address(engine: Engine) -> str:
    """Where the database is, as the programs of PostgreSQL take it; without the password, which everybody could see."""
    _, given = engine.dialect.create_connect_args(engine.url)
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - 8 MB that a server on SQLite need not hold

    return make_conninfo("", **{name: value for name, value in given.items() if name not in {"password", "context"}})


def _run(words: list[str], engine: Engine) -> str:
    """Run a program of PostgreSQL; the password goes through the environment. Else `BackupRefused` with its reason."""
    password = {"PGPASSWORD": str(engine.url.password)} if engine.url.password else {}
    done = subprocess.run(  # noqa: S603 - programs of PostgreSQL, without a shell
        words, capture_output=True, text=True, check=False, env={**os.environ, **password, "LC_ALL": "C"}
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["?"])[0]
        raise BackupRefused(f"{Path(words[0]).name} 失败 / failed: {said}")
    return done.stdout


def prove(engine: Engine, path: Path, expected: Holdings) -> None:
    """Raise `BackupRefused` unless an archive can be read to its end and holds every table of the history."""
    with engine.connect() as connection:
        program = _tool("pg_restore", connection)
    held = set(re.findall(rf"TABLE DATA {_SCHEMA} (\S+)", _run([program, "--list", str(path)], engine)))
    absent = sorted(set(expected.rows) - held)
    if absent:
        raise BackupRefused(f"备份中缺少表 / tables are missing in {path.name}: {', '.join(absent)}")
    _run([program, f"--file={os.devnull}", str(path)], engine)


def restore(engine: Engine, path: Path, aside: str = "") -> None:
    """Put an archive into the database in one transaction; what was there keeps the schema `aside` as its name."""
    with engine.connect() as connection:
        reader, writer = _tool("pg_restore", connection), _tool("psql", connection)
    moved = (
        f"ALTER SCHEMA {_SCHEMA} RENAME TO {aside}; CREATE SCHEMA {_SCHEMA}; GRANT USAGE ON SCHEMA {_SCHEMA} TO PUBLIC"
    )
    begins = ["--command", moved] if aside else []
    once = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--no-password"]
    # Through a file of its own, and not from one program to the other: half a script would be committed as a whole one.
    with tempfile.NamedTemporaryFile(suffix=".sql") as script:
        asked = ["--no-owner", "--no-privileges", f"--schema={_SCHEMA}", f"--file={script.name}"]
        _run([reader, *asked, str(path)], engine)
        _run([writer, *once, *begins, f"--file={script.name}", f"--dbname={_address(engine)}"], engine)


def put_back(engine: Engine, aside: str) -> None:
    """Undo a restore: what was set aside is the database again. For what was empty, `aside` is none."""
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {_SCHEMA} CASCADE"))
        back = f"ALTER SCHEMA {aside} RENAME TO {_SCHEMA}" if aside else f"CREATE SCHEMA {_SCHEMA}"
        connection.execute(text(back))
