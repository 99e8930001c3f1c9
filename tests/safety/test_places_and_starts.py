"""Where a database cannot be kept safely nothing starts; where it can, as many may start at once as like."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tracker import db
from tracker.db import DatabaseNotReady

NOBODY = 65534


@contextmanager
def as_somebody() -> Iterator[None]:
    """Without the rights of root, who may write everywhere."""
    if os.getuid():
        yield
        return
    os.setresgid(NOBODY, NOBODY, 0)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may look into."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)
        Path(made).chmod(0o755)


def refusal(file: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    with pytest.raises(DatabaseNotReady) as refused:
        db.check_place(db.connect(f"sqlite:///{file}"), mounts)
    return str(refused.value)


def test_a_database_of_postgresql_that_counts_bytes_is_refused_with_what_to_do(server: Engine) -> None:
    options = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    name = f"tracker_test_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {options}"))
    try:
        engine = db.connect(server.url.set(database=name).render_as_string(hide_password=False))
        with pytest.raises(DatabaseNotReady, match=r"编码是 SQL_ASCII.*ENCODING 'UTF8'"):
            db.revision(engine)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))


def test_D10_a_folder_or_a_file_that_cannot_be_written_is_refused_with_the_reason(folder: Path) -> None:
    file = folder / "tracker.db"
    file.touch()
    file.chmod(0o444)
    with as_somebody():
        assert "cannot be written" in refusal(file)
        assert "nothing can be written in the folder" in refusal(folder / "new.db")
    assert "there is no folder" in refusal(folder / "missing" / "tracker.db")
    assert "cannot be written" in refusal(folder)
    db.check_place(db.connect(f"sqlite:///{file.with_name('new.db')}"))


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "fuse.sshfs", "9p"])
def test_D10_a_share_of_another_machine_is_refused(tmp_path: Path, kind: str) -> None:
    """The list of mounts is as Linux writes it; to mount one takes root and a server."""
    share = tmp_path / "a share"
    (share / "inside").mkdir(parents=True)
    (tmp_path / "link").symlink_to(share)
    mounts = tmp_path / "mounts"
    escaped = str(share).replace(" ", "\\040")
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/there {escaped} {kind} rw 0 0\n")
    assert f"network file system ({kind})" in refusal(share / "inside" / "tracker.db", mounts)
    assert f"network file system ({kind})" in refusal(tmp_path / "link" / "tracker.db", mounts)
    db.check_place(db.connect(f"sqlite:///{tmp_path / 'tracker.db'}"), mounts)


def test_D10_a_server_on_a_bad_place_ends_at_once_with_one_line() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    tracker = Path(sys.executable).with_name("tracker")
    ended = subprocess.run(
        [tracker, "--database", "sqlite:////proc/tracker.db", "serve", "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "/proc" in ended.stderr
    # Of the processor, not of the clock: others may be at work on this machine.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


#: Eight servers that make themselves ready at the same moment.
EIGHT = """
import os, sys, traceback
from tracker import db, seed
from tracker.cli import serving
children = []
for _ in range(8):
    child = os.fork()
    if not child:
        try:
            serving._make_ready(db.connect(sys.argv[1]))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    children.append(child)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""


def test_C8_eight_servers_that_start_at_once_make_one_ledger(url: str) -> None:
    said = subprocess.run([sys.executable, "-c", EIGHT, url], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == str([0] * 8), said.stderr
    engine: Engine = db.connect(url)
    assert db.differences(engine) == []
    with engine.connect() as connection:
        written = connection.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'insert'"))
        rows = connection.scalar(
            text(
                "SELECT count(*) FROM (SELECT DISTINCT table_name, row_key FROM audit_event WHERE action = 'insert') x"
            )
        )
        assert written == rows
        assert connection.scalar(text("SELECT count(*) FROM commitment")) == 213
