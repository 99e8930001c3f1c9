"""Every answer carries what protects it, whatever its status."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from protecting import unprotected

from visiting import signed_in

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

SVG = "/charts/pace.svg"


def broken(*_: object) -> str:
    raise RuntimeError("planted")


#: Status → what is answered so, by method, address, and what else is said.
STATUSES: dict[int, tuple[str, str, dict[str, Any]]] = {
    200: ("GET", "/commitments", {}),
    206: ("GET", "/static/tracker.css", {"headers": {"Range": "bytes=0-9"}}),
    302: ("GET", "/desk/commitment/?city=&status=", {}),
    308: ("GET", "/desk", {}),
    400: ("GET", "/commitments?kind=nonsense", {}),
    403: ("POST", "/sign-in", {"headers": {"Sec-Fetch-Site": "cross-site"}}),
    404: ("GET", "/nowhere", {}),
    405: ("GET", "/sign-out", {}),
    413: ("POST", "/sign-in", {"data": {"x": "x" * 3_000_000}}),
    500: ("GET", "/method", {}),
}


@pytest.mark.parametrize("status", STATUSES)
def test_W6_every_status_carries_the_headers(app: Flask, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setitem(app.view_functions, "pages.method", broken)
    method, path, said = STATUSES[status]
    for client in (app.test_client(), signed_in(app, "某管理员")):
        is_kept = "session" in str(client.get_cookie("session")) and status != 206
        answer = client.open(path, method=method, buffered=True, **said)
        assert (answer.status_code, unprotected(answer, signed_in=is_kept)) == (status, [])


def test_W6_what_has_not_changed_carries_them_too(app: Flask) -> None:
    reader, address = app.test_client(), "/commitments?format=json"
    mark = reader.get(address).headers["ETag"]
    answer = reader.get(address, headers={"If-None-Match": mark})
    assert (answer.status_code, unprotected(answer)) == (304, [])


@pytest.mark.parametrize("path", ["/static/list.js", "/static/tracker.css", "/static/favicon.svg", SVG, "/fs-static/x"])
def test_W6_files_and_libraries_carry_them_too(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, buffered=True)
    assert unprotected(answer) == []


def test_W6_the_last_resort_carries_them_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "full_dispatch_request", broken)
    monkeypatch.setattr(app, "handle_exception", broken)
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert unprotected(answer) == []


def test_W6_every_nonce_is_used_once(app: Flask) -> None:
    admin = signed_in(app, "某管理员")
    policies = [admin.get("/desk/").headers["Content-Security-Policy"] for _ in range(3)]
    assert len(set(policies)) == 3
    assert all("nonce-" in policy for policy in policies)
