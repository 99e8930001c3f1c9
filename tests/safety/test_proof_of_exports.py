"""Whoever is handed a file can tell from what state of the ledger it was made, and that nobody changed it since."""

from __future__ import annotations

import base64
import hashlib
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from test_tampering import kept, search, tamper

from test_cli import Run, anywhere, refused, run
from tracker import checkpoints, db

__all__ = ["anywhere", "kept", "run"]

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def followed(ledger: Engine) -> Engine:
    search(ledger)
    return ledger


@pytest.fixture
def public(run: Run, ledger: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The public key, made by the first export."""
    monkeypatch.setenv("TRACKER_CHECKPOINT_KEY", str(tmp_path / "own.checkpoint.key"))
    assert run("export", "--format", "jsonl", "--out", str(tmp_path / "first.jsonl")).code == 0
    with db.reading(ledger) as session:
        return checkpoints.public_key(session, checkpoints.signing_key(tmp_path / "unused"))


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx", "log"])
def test_E6_an_export_is_proved_and_one_changed_byte_is_found(run: Run, public: str, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"list.{form}"
    assert run("export", "--format", form, "--out", str(file)).code == 0
    for words in ((), ("--key", public)):
        assert run("verify", "--export", str(file), *words).code == 0
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    for words in ((), ("--key", public)):
        answer = run("verify", "--export", str(file), *words)
        assert (answer.code, "SHA-256 is another" in answer.text) == (1, True)


def test_E6_an_export_says_which_state_of_the_ledger_it_is_of(
    run: Run, public: str, ledger: Engine, tmp_path: Path
) -> None:
    beside = tmp_path / "first.jsonl.checkpoint"
    (anchor,) = checkpoints.read(beside.read_text(), public)
    with db.reading(ledger) as session:
        (now,) = checkpoints.read(checkpoints.checkpoint(session, checkpoints.signing_key(tmp_path / "unused")))
    assert (anchor.size, anchor.entries) == (now.size, now.entries)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", anchor.said["time"])
    assert anchor.said["version"]
    assert anchor.said["file"].endswith(" first.jsonl")
    beside.write_text(beside.read_text().replace("time 2", "time 1"))
    assert run("verify", "--export", str(tmp_path / "first.jsonl")).code == 1


@pytest.mark.parametrize("address", ["/commitments?format=csv", "/cities/chenzhou?format=json", "/codebook?format=csv"])
def test_E6_what_is_downloaded_from_a_page_is_proved_by_its_headers(
    app: Flask, ledger: Engine, run: Run, tmp_path: Path, address: str
) -> None:
    answer = app.test_client().get(address)
    digest = base64.b64encode(hashlib.sha256(answer.data).digest()).decode()
    assert answer.headers["Content-Digest"] == f"sha-256=:{digest}:"
    file = tmp_path / "downloaded"
    file.write_bytes(answer.data)
    (tmp_path / "downloaded.checkpoint").write_bytes(base64.b64decode(answer.headers["Tracker-Checkpoint"]))
    with db.reading(ledger) as session:
        public = checkpoints.public_key(session, app.extensions["checkpoint_key"])
    assert run("verify", "--export", str(file), "--key", public).code == 0
    file.write_bytes(answer.data[:-1] + b" ")
    assert run("verify", "--export", str(file), "--key", public).code == 1


def test_E6_the_checkpoint_is_public_and_goes_on_with_every_change(app: Flask, ledger: Engine) -> None:
    asked = app.test_client().get("/checkpoint")
    assert asked.content_type == "text/plain; charset=utf-8"
    (before,) = checkpoints.read(asked.text)
    search(ledger)
    (after,) = checkpoints.read(app.test_client().get("/checkpoint").text)
    assert after.size > before.size
    with db.reading(ledger) as session:
        assert checkpoints.compare(session, [before, after]) == []
    page = app.test_client().get("/integrity?lang=en").text
    assert str(after.size) in page
    assert after.entries[after.size - 1] in page


def test_E6_the_key_is_kept_for_its_owner_alone(public: str, tmp_path: Path) -> None:
    assert public.startswith("tracker/")
    assert stat.S_IMODE((tmp_path / "own.checkpoint.key").stat().st_mode) == 0o600


def test_E6_what_proves_nothing_is_said_to(run: Run, public: str, tmp_path: Path) -> None:
    file = tmp_path / "alone.csv"
    file.write_text("x")
    assert "there is no" in refused(run("verify", "--export", str(file)))
    (tmp_path / "alone.csv.checkpoint").write_text("x")
    assert "no checkpoint" in refused(run("verify", "--export", str(file)))
    first = str(tmp_path / "first.jsonl")
    assert "no public key" in refused(run("verify", "--export", first, "--key", "x"))
    assert "whole" in refused(run("export", "--format", "log", "--out", first, "--as-of", "2021-01-01"))
    assert public


def test_E6_a_few_lines_of_anybodys_code_check_the_log(run: Run, public: str, tmp_path: Path) -> None:
    lines = re.search(r"<!-- check the log -->\n```python\n(.*?)```", README, re.DOTALL)
    assert lines
    log = tmp_path / "changes.log"
    assert run("export", "--format", "log", "--out", str(log)).code == 0

    def check() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-W", "ignore", "-c", lines[1], str(log)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    _, size, head, *_ = (tmp_path / "changes.log.checkpoint").read_text().splitlines()
    assert check().stdout.split() == [size, head]
    log.write_bytes(log.read_bytes().replace(b'"seq":7}', b'"seq":70}'))
    assert check().stderr.strip() == "entry 7 does not fit"
    assert public


def test_Z10_verify_names_the_first_entry_that_does_not_fit(
    run: Run, ledger: Engine, public: str, tmp_path: Path
) -> None:
    search(ledger)
    kept, log = tmp_path / "kept", tmp_path / "changes.log"
    run("export", "--format", "log", "--out", str(log))
    (tmp_path / "changes.log.checkpoint").rename(kept)
    assert run("verify", "--anchor", str(kept), "--anchor", str(log), "--key", public).code == 0
    tamper(ledger, "DELETE FROM search_log")
    answer = run("verify", "--anchor", str(kept))
    assert answer.code == 1
    assert re.search(r"The first that does not fit: seq \d+: search_log 1 − is not as it was written", answer.text)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A web server that has one file, one that is too large, and one that leads elsewhere."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/away" else 200)
            if self.path == "/away":
                self.send_header("Location", "/checkpoint")
            self.end_headers()
            self.wfile.write(b"x" * (1 << 21) if self.path == "/large" else (tmp_path / "kept").read_bytes())

        def log_message(self, *_said: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_Z10_a_checkpoint_is_fetched_from_a_web_address_and_from_no_other(
    run: Run, public: str, tmp_path: Path, web: str
) -> None:
    (tmp_path / "first.jsonl.checkpoint").rename(tmp_path / "kept")
    assert run("verify", "--anchor", f"{web}/checkpoint", "--key", public).code == 0
    assert "too large" in refused(run("verify", "--anchor", f"{web}/large"))
    assert "cannot be fetched" in refused(run("verify", "--anchor", f"{web}/away"))
    assert "http or https" in refused(run("verify", "--anchor", f"file://{tmp_path}/kept"))
    assert "cannot be fetched" in refused(run("verify", "--anchor", "http://127.0.0.1:1/checkpoint"))
