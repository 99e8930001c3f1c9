"""The server fetches nothing: what is cited is an address that people open, not the program."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from visiting import send

#: Addresses that a server which fetches would be made to ask: its own, its neighbours', the cloud's.
INSIDE = [
    "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:5432/", "http://[::1]:22/", "http://localhost:8000/desk/",
    "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://100.64.0.1/", "http://0.0.0.0/",
    "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
    "http://[fec0::1]/", "http://192.0.0.8/", "http://metadata.google.internal/", "http://localtest.me/",
    "https://example.org/redirects-to-169.254.169.254", "http://224.0.0.1/",
]  # fmt: skip


def record(analyst: FlaskClient, url: str) -> int:
    found = {"execution": "in_progress", "effective_on": "2020-12-31", "reviewed_up_to": "2021-01-31", "summary": url}
    page = "/desk/commitment/record/?code=CZ-2020-01"
    return send(analyst, page, {**found, "evidence-0-url": url, "evidence-0-reports": "start"}).status_code


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_W15_citing_and_keeping_a_page_calls_nobody(analyst: FlaskClient) -> None:
    # The guard of the whole suite stops the test at the first call; see the next.
    assert [url for url in INSIDE if record(analyst, url) != 302] == []
    kept = {"file": (io.BytesIO(b"<p>x"), "x.html"), "retrieved_on": "2021-01-31"}
    page = analyst.get("/desk/follow/archive/?id=1").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    assert analyst.post("/desk/follow/archive/?id=1", data={**kept, "csrf_token": token[1]}).status_code == 302
    for path in ("/desk/evidence/", "/desk/evidence/details/?id=1", "/desk/commitment/details/?code=CZ-2020-01"):
        assert analyst.get(path).status_code == 200


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "example.org", "169.254.169.254", "2001:db8::1", "localhost.example.org"]
)
def test_W15_no_test_can_call_another_machine(host: str) -> None:
    with socket.socket() as bare:
        for call in (socket.create_connection, bare.connect, bare.connect_ex):
            with pytest.raises(BaseException, match=re.escape(host)):
                call((host, 80))  # type: ignore[operator]


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace here")
def test_W15_a_served_process_connects_nowhere(
    tmp_path: Path, seeded_file: Path, record_property: Callable[[str, object], None]
) -> None:
    shutil.copy(seeded_file, tmp_path / "tracker.db")
    tracker, log = Path(sys.executable).with_name("tracker"), tmp_path / "calls"
    command = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", log, tracker]
    command += ["--database", f"sqlite:///{tmp_path / 'tracker.db'}", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://[\d.]+:(\d+)/", server.stdout.readline())
        assert address
        for path in ("/", "/commitments", "/documents/chenzhou-2020", "/cities/chenzhou/charts", "/sign-in"):
            with socket.create_connection(("127.0.0.1", int(address[1]))) as ask:
                ask.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                while ask.recv(65536):
                    pass
        os.killpg(server.pid, signal.SIGTERM)
    calls = [line for line in log.read_text().splitlines() if "sin_addr" in line or "sin6_addr" in line]
    abroad = [line for line in calls if "connect(" in line and "127.0.0.1" not in line and "::1" not in line]
    record_property("W15 connections of a served process", len(abroad))
    assert abroad == []
