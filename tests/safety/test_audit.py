"""The audit of packages ends well only where somebody who knows was asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

AUDIT = Path(__file__).parents[2] / ".ci" / "audit.py"

#: Nobody listens there.
NOBODY = "http://127.0.0.1:9/v1/query"


class Feed(BaseHTTPRequestHandler):
    """A feed of vulnerabilities that knows of some packages, and of one has no answer."""

    vulnerable: frozenset[str] = frozenset()
    silent_about = ""

    def do_POST(self) -> None:
        name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
        known = {"id": f"KNOWN-{name}", "affected": [{"package": {"name": name, "ecosystem": "PyPI"}}]}
        body = json.dumps({"vulns": [known]} if name in self.vulnerable else {}).encode()
        self.send_response(500 if name == self.silent_about else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def feed(request: pytest.FixtureRequest) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Feed", (Feed,), request.param))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Two packages of the lock file: asking for all takes too long for every push."""
    text = (AUDIT.parents[1] / "requirements.lock").read_text(encoding="utf-8")
    path = tmp_path / "requirements.lock"
    path.write_text("".join(re.findall(r"^(?:flask|click)==.*\n(?: .*\n)+", text, re.MULTILINE)), encoding="utf-8")
    return path


def audited(lock: Path, feed: str, **settings: str) -> subprocess.CompletedProcess[str]:
    # A proxy of the machine's own must not answer for the feed.
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **settings}
    command = [sys.executable, str(AUDIT), str(lock), feed]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_S1_an_audit_that_asked_nobody_says_so_and_fails_where_it_is_required(lock: Path) -> None:
    ran = audited(lock, NOBODY, TRACKER_REQUIRE_AUDIT="1")
    assert ran.returncode == 1
    assert "NOT AUDITED" in ran.stdout


@pytest.mark.parametrize("feed", [{"vulnerable": frozenset({"pip", "flask"})}], indirect=True)
def test_S1_a_package_with_a_known_vulnerability_is_named_and_fails(lock: Path, feed: str) -> None:
    ran = audited(lock, feed)
    assert ran.returncode == 1
    assert "VULNERABLE: flask: KNOWN-flask" in ran.stdout


@pytest.mark.parametrize("feed", [{"vulnerable": frozenset({"pip"}), "silent_about": "flask"}], indirect=True)
def test_S1_an_audit_that_misses_an_answer_fails(lock: Path, feed: str) -> None:
    ran = audited(lock, feed)
    assert ran.returncode == 1
    assert "AUDIT FAILED" in ran.stdout


@pytest.mark.nightly
@pytest.mark.parametrize("feed", [{}], indirect=True)
def test_S1_a_feed_that_knows_of_no_vulnerability_at_all_is_not_believed(lock: Path, feed: str) -> None:
    assert "NOT AUDITED" in audited(lock, feed).stdout


@pytest.mark.nightly
@pytest.mark.parametrize("feed", [{"vulnerable": frozenset({"pip"})}], indirect=True)
def test_S1_an_audit_without_a_finding_passes(lock: Path, feed: str) -> None:
    ran = audited(lock, feed)
    assert ran.returncode == 0
    assert "audited by osv" in ran.stdout
