"""Servers that tests start for themselves: a pooler before the PostgreSQL of the tests, and a primary with replicas."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL

#: Where Debian keeps what is not for everybody.
_PROGRAMS = [*sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True), "/usr/sbin", "/usr/local/sbin"]


def program(name: str) -> str:
    """Where a program is; the test is skipped where it is not and PostgreSQL is not required."""
    found = shutil.which(name, path=os.pathsep.join([*_PROGRAMS, os.environ["PATH"]]))
    if found is None and not os.environ.get("TRACKER_REQUIRE_POSTGRESQL"):
        pytest.skip(f"there is no {name}")
    assert found, f"there is no {name}"
    return found


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for servers that do not run as root, under a name short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="tracker-"))
    path.chmod(0o755)
    try:
        if os.geteuid() == 0:
            shutil.chown(path, "postgres", "postgres")
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def as_nobody_special(*words: str | Path) -> list[str]:
    """A command as a user that PostgreSQL runs as: it refuses root."""
    return [*(("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()), *map(str, words)]


def until_it_answers(port: int, process: subprocess.Popen[bytes] | None = None, tries: int = 200) -> None:
    for _ in range(tries):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process is None or process.poll() is None, "it ended"
        select_nothing()
    raise AssertionError(f"nobody answers at {port}")


def select_nothing() -> None:
    """Let others go on for a moment."""
    with suppress(subprocess.TimeoutExpired):
        signal.sigtimedwait([], 0.05)


@contextmanager
def pooler(url: URL) -> Iterator[URL]:
    """A pgbouncer that hands out three servers by the transaction; yields the address of the same database through it."""
    port, found = free_port(), program("pgbouncer")
    with folder() as at:
        ini = at / "pgbouncer.ini"
        ini.write_text(
            f"[databases]\n* = host={url.host} port={url.port} user={url.username}\n[pgbouncer]\n"
            f"listen_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\nauth_type=any\npool_mode=transaction\n"
            f"default_pool_size=3\nmax_client_conn=100\nlogfile={at}/log\n"
        )
        process = subprocess.Popen(
            as_nobody_special(found, "-q", ini), start_new_session=True, stderr=subprocess.DEVNULL
        )
        try:
            until_it_answers(port, process)
            yield url.set(port=port)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


class Server:
    """A PostgreSQL of the tests' own, with its data in a folder, that can be killed and started again."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        told = [f"port={self.port}", f"unix_socket_directories={self.data.parent}"]
        words = as_nobody_special(program("postgres"), "-D", self.data, *(word for one in told for word in ("-c", one)))
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self.process = subprocess.Popen(words, start_new_session=True, stdout=log, stderr=log)
        for _ in range(400):
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.plain(), connect_timeout=2).close()
                return
            assert self.process.poll() is None, (self.data.parent / f"{self.data.name}.log").read_text()[-2000:]
            select_nothing()
        raise AssertionError("the server does not start")

    def plain(self, database: str = "postgres") -> str:
        return self.url(database).replace("+psycopg", "")

    def ask(self, question: str, database: str = "postgres") -> Any:
        with psycopg.connect(self.plain(database), autocommit=True) as connection:
            while True:
                # What a replica is asked gives way to what it has to replay just then.
                with suppress(psycopg.errors.SerializationFailure):
                    found = connection.execute(question)
                    return found.fetchone()[0] if found.description else None

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it at once, with all its processes; or by another signal, and wait for it."""
        assert self.process
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (postmaster, *map(int, children if how is signal.SIGKILL else [])):
            with suppress(ProcessLookupError):
                os.kill(process, how)
        self.process.wait()
        self.process = None


@dataclass
class Replicated:
    """A primary and its streaming replicas."""

    primary: Server
    replicas: list[Server]

    def await_all(self) -> None:
        """Wait until every replica has come to where the primary is now."""
        position = self.primary.ask("SELECT pg_current_wal_insert_lsn()")
        for replica in self.replicas:
            for _ in range(400):
                if replica.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'"):
                    break
                select_nothing()
            else:
                raise AssertionError("a replica does not follow")


@contextmanager
def replicated(count: int = 2) -> Iterator[Replicated]:
    """A primary with so many replicas, made by `pg_basebackup`."""
    with folder() as at:
        primary = Server(at / "primary")
        subprocess.run(
            as_nobody_special(program("initdb"), "-A", "trust", "-U", "postgres", "--no-sync", "-D", primary.data),
            check=True, stdout=subprocess.DEVNULL, cwd=at,
        )  # fmt: skip
        with (primary.data / "postgresql.conf").open("a") as told:
            # Nobody pulls the plug. What a replica is asked gives way to what it is to replay, at once.
            told.write("listen_addresses = '127.0.0.1'\nfsync = off\nshared_buffers = 32MB\nmax_connections = 60\n"
                       "hot_standby = on\nwal_level = replica\nmax_standby_streaming_delay = 0\n")  # fmt: skip
        made = Replicated(primary, [Server(at / f"replica{number}") for number in range(1, count + 1)])
        try:
            primary.start()
            for replica in made.replicas:
                asked = ["-d", primary.plain(), "-D", replica.data, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
                subprocess.run(as_nobody_special(program("pg_basebackup"), *asked), check=True, cwd=at)
                replica.start()
            yield made
        finally:
            for server in (*made.replicas, primary):
                if server.process:
                    server.kill()


@contextmanager
def replicated_ledger(source: str) -> Iterator[Replicated]:
    """The same with a copy of the ledger at an address, in the database `tracker`."""
    with replicated() as made:
        made.primary.ask("CREATE DATABASE tracker")
        made.primary.ask("DROP SCHEMA public", "tracker")
        asked = [program("pg_dump"), "-n", "public", source.replace("+psycopg", "")]
        dumped = subprocess.run(asked, check=True, capture_output=True).stdout
        told = ["-q", "-v", "ON_ERROR_STOP=1", "-d", made.primary.plain("tracker")]
        subprocess.run([program("psql"), *told], input=dumped, check=True, capture_output=True)
        made.await_all()
        yield made
