"""The files that set the site up: for containers, systemd and the proxies before it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from restarting import Restarted, restarted

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
HOST = "ledger.example.org"


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_every_setting_that_a_file_names_is_one() -> None:
    known = set(re.findall(r"TRACKER_[A-Z_]+", (ROOT / "src/tracker/config.py").read_text()))
    named = {name for path in DEPLOY.iterdir() for name in re.findall(r"TRACKER_[A-Z_]+\b", path.read_text())}
    assert named - {"TRACKER_"} <= known
    assert "TRACKER_DATABASE_URL" in named


def test_the_container_is_made_of_files_that_are_there_by_the_lock_and_runs_without_a_right() -> None:
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert all((ROOT / name).exists() for names in copied for name in names)
    assert any(line.endswith(".ci/install run gunicorn") for line in lines)
    assert not any("pip install" in line for line in lines)
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert {"VOLUME /data", "STOPSIGNAL SIGTERM"} <= set(lines)
    assert any("/healthz" in line for line in lines)


def test_the_services_know_each_other_and_the_site_believes_the_one_proxy_before_it(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"site", "database", "proxy"}
    site = services["site"]
    assert (DEPLOY / site["build"]["context"] / site["build"]["dockerfile"]).resolve() == DEPLOY / "Containerfile"
    assert site["environment"]["TRACKER_PROXIES"] == "1"
    assert site["environment"]["TRACKER_BASE_URL"].startswith("https://")
    assert (site["read_only"], site["cap_drop"], site["tmpfs"]) == (True, ["ALL"], ["/tmp"])  # noqa: S108 - in a container
    # Only the proxy is to be reached from elsewhere.
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    for service in services.values():
        kept, files = [], []
        for volume in service["volumes"]:
            (files if volume.startswith(".") else kept).append(volume.split(":")[0])
        assert set(kept) <= set(compose["volumes"])
        assert all((DEPLOY / file).is_file() for file in files)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
@pytest.mark.parametrize("unit", ["tracker.service", "tracker-backup.service", "tracker-backup.timer"])
def test_systemd_understands_every_line_of_a_unit(unit: str, tmp_path: Path) -> None:
    for path in DEPLOY.glob("tracker*"):
        # What it starts has to be there.
        (tmp_path / path.name).write_text(path.read_text().replace("/srv/tracker/.venv/bin/tracker", "/bin/true"))
    words = ["systemd-analyze", "verify", str(tmp_path / unit)]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (said.returncode, [line for line in said.stderr.splitlines() if "tracker" in line]) == (0, [])


def _nginx(folder: Path, port: int, site: int) -> list[str]:
    ours = (DEPLOY / "nginx.conf").read_text()
    ours = ours.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("127.0.0.1:8000", f"127.0.0.1:{site}")
    places = "".join(f"{name}_temp_path {folder / name};" for name in "client_body proxy fastcgi uwsgi scgi".split())  # noqa: SIM905
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}\n"
        f"http {{ access_log off; {places}\n{ours} }}"
    )
    return ["nginx", "-p", str(folder), "-e", str(folder / "log"), "-c", str(folder / "nginx.conf")]


def _caddy(folder: Path, port: int, site: int) -> list[str]:
    ours = (DEPLOY / "Caddyfile").read_text().replace("{$SITE}", f"http://{HOST}:{port}")
    ours = ours.replace("{$UPSTREAM:127.0.0.1:8000}", f"127.0.0.1:{site}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + ours)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@pytest.fixture
def site(ledger_url: str) -> Iterator[Restarted]:
    with restarted(ledger_url, TRACKER_BASE_URL=f"https://{HOST}", TRACKER_PROXIES="1") as site:
        yield site


@pytest.fixture(params=[_nginx, _caddy], ids=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, site: Restarted, tmp_path: Path) -> Iterator[int]:
    """The real program before a real server; the port at which it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    words = request.param(tmp_path, port, site.port)
    if shutil.which(words[0]) is None:
        pytest.skip(f"needs {words[0]}")
    with subprocess.Popen(words, env={**os.environ, "HOME": str(tmp_path)}, stderr=subprocess.DEVNULL) as program:
        while program.poll() is None:
            with socket.socket() as tried:
                if not tried.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.01)
        assert program.returncode is None
        yield port
        program.terminate()


def ask(port: int, path: str, *, body: bytes | None = None, host: str = HOST, **headers: str) -> tuple[int, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST" if body else "GET", path, body, {"Host": f"{host}:{port}", **named})
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_site_answers_behind_a_proxy_under_its_name_and_believes_nobody_else(site: Restarted, proxy: int) -> None:
    status, page = ask(proxy, "/commitments/CZ-2020-01", X_Forwarded_Host="evil.example", X_Forwarded_For="1.2.3.4")
    assert (status, f"https://{HOST}/".encode() in page, b"evil.example" in page) == (200, True, False)
    assert HOST.encode() not in ask(proxy, "/", host="evil.example")[1]
    # A list comes through as it is, byte for byte.
    assert ask(proxy, "/commitments?format=csv") == ask(site.port, "/commitments?format=csv")
    # More than the proxies take by themselves (1 MB) reaches the site, which says in its own words what is too much.
    status, page = ask(proxy, "/sign-in", body=b"x" * 3_000_000)
    assert (status, b'lang="zh' in page) == (413, True)
