"""The first start: keys that only their owner reads, no default account, and one link that makes the first."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Engine, func, select

from tracker import accounts, db, keys
from tracker.app import create_app
from tracker.cli import tracker
from tracker.models import SetupLink, User
from visiting import PASSWORD, send

_KEEP = """
import sys, time
from pathlib import Path
from tracker import keys
while time.time() < float(sys.argv[1]):
    pass
for run in range(40):
    print(keys.kept(Path(f"{run}.key")))
"""


def test_C8_programs_that_start_at_once_share_one_whole_key(tmp_path: Path) -> None:
    start = str(time.time() + 1.5)
    running = [
        subprocess.Popen([sys.executable, "-c", _KEEP, start], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    read = [process.communicate()[0].splitlines() for process in running]
    assert [len(lines) for lines in read] == [40] * 8
    assert all(len(set(same)) == 1 and len(same[0]) >= 64 for same in zip(*read, strict=True))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert len(list(tmp_path.iterdir())) == 40


def test_C8_servers_that_start_at_once_print_one_link(ledger: Engine) -> None:
    def link(_: int) -> str:
        with db.writing(ledger, actor="seed") as session:
            return accounts.setup_link(session)

    with ThreadPoolExecutor(8) as pool:
        links = set(pool.map(link, range(8)))
    assert len(links) == 1
    assert links != {""}


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o666])
def test_C8_a_key_that_others_could_read_is_closed_to_them(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "tracker.key"
    key = keys.kept(path)
    path.chmod(mode)
    assert keys.kept(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("held", ["", "half of a key"])
def test_C8_a_file_that_holds_no_whole_key_is_refused(tmp_path: Path, held: str) -> None:
    path = tmp_path / "tracker.key"
    path.write_text(held)
    with pytest.raises(keys.UnsafeKey, match="remove the file"):
        keys.kept(path)


@pytest.mark.parametrize(
    "key",
    ["dev", "a" * 64, "changeme-changeme-changeme-changeme-0123456789", "my-secret-key-which-is-long-enough-1234"],
)
def test_W12_a_key_that_others_may_know_is_refused(key: str) -> None:
    with pytest.raises(keys.UnsafeKey, match="token_urlsafe"):
        keys.strong(key)


def test_W12_a_weak_key_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("tracker"), "serve", "--port", "0"],
        env={**os.environ, "TRACKER_SECRET_KEY": "dev"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "token_urlsafe" in done.stderr


@pytest.fixture
def new(opened: Callable[..., Flask], ledger_url: str, ledger: Engine) -> tuple[Flask, str]:
    """The application on a ledger where nobody can sign in, and the link that it printed."""
    with db.writing(ledger, actor="seed") as session:
        return opened(ledger_url), "/setup/" + accounts.setup_link(session)


VALUES = {"name": "李明", "email": "li@example.org", "password": PASSWORD, "again": PASSWORD}


def test_W12_there_is_no_default_account(new: tuple[Flask, str], ledger: Engine) -> None:
    app, _ = new
    with db.reading(ledger) as session:
        assert not accounts.somebody_can_sign_in(session)
        assert session.scalar(select(func.count()).where(User.password.is_not(None))) == 0
    for name in ("admin", "admin@example.org", "tracker"):
        assert send(app.test_client(), "/sign-in", {"email": name, "password": name}).status_code == 200


def test_W12_the_link_makes_one_administrator_and_is_gone(new: tuple[Flask, str], ledger: Engine) -> None:
    app, link = new
    first, second = app.test_client(), app.test_client()
    opened = second.get(link).text
    assert send(first, link, VALUES).status_code == 302
    assert first.get("/desk/account/").status_code == 200
    assert send(second, link, VALUES | {"name": "王芳", "email": "wang@example.org"}, opened).status_code == 404
    assert second.get(link).status_code == 404
    with db.writing(ledger, actor="seed") as session:
        assert session.get(SetupLink, 1) is None
        assert accounts.setup_link(session) == ""


def test_W12_the_link_is_good_for_an_hour_and_the_next_start_prints_another(
    new: tuple[Flask, str], ledger: Engine
) -> None:
    app, link = new
    assert app.test_client().get(link).status_code == 200
    with ledger.begin() as connection:
        made_at = connection.scalars(select(SetupLink.made_at)).one()
        table = SetupLink.__table__
        connection.execute(table.update().values(made_at=made_at - timedelta(minutes=61)))  # type: ignore[attr-defined]
    assert app.test_client().get(link).status_code == 404
    with db.writing(ledger, actor="seed") as session:
        another = "/setup/" + accounts.setup_link(session)
    assert another != link
    assert app.test_client().get(another).status_code == 200


def test_W12_the_key_of_a_database_is_made_beside_it(
    ledger_url: str, ledger: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TRACKER_SECRET_KEY")
    monkeypatch.chdir(tmp_path)
    app = create_app(ledger_url)
    app.extensions["engine"].dispose()
    path = db.beside(ledger, ".key")
    assert path.read_text() == app.config["SECRET_KEY"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if ledger.dialect.name == "postgresql":
        path.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn is not there")
def test_several_workers_share_one_ledger_that_was_made_before_them(tmp_path: Path, migrated_file: Path) -> None:
    shutil.copy(migrated_file, tmp_path / "tracker.db")
    words = [Path(sys.executable).with_name("tracker"), "serve", "--workers", "2", "--port", "0"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address, link = (re.search(r"http://\S+", server.stdout.readline())[0] for _ in range(2))  # type: ignore[index]
        # Where it is served over TLS is for the settings to say, and not for whoever asks.
        asked = urllib.request.Request(f"{address}commitments/CZ-2020-01", headers={"X-Forwarded-Proto": "https"})  # noqa: S310
        with urllib.request.urlopen(asked) as page:  # noqa: S310
            assert address in (text := page.read().decode())
            assert address.replace("http", "https") not in text
        server.terminate()
        assert (server.wait(10), server.stdout.read()) == (0, "")
    assert link.startswith(f"{address}setup/")
    assert {path.name for path in tmp_path.iterdir()} == {"tracker.db"}


def test_several_workers_without_what_makes_them_are_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in {"gunicorn", *(name for name in sys.modules if name.startswith("gunicorn."))}:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "tracker.cli.workers", raising=False)
    monkeypatch.delattr("tracker.cli.workers", raising=False)
    words = ["--database", f"sqlite:///{tmp_path / 'tracker.db'}", "serve", "--workers", "2"]
    answer = CliRunner().invoke(tracker, words)
    assert (answer.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "pip install 'tracker[gunicorn]'" in answer.stderr
