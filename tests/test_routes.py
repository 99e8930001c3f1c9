"""What holds for every route; who may call which stands in safety/access.csv."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask


@pytest.fixture
def app(opened: Callable[..., Flask], ledger_url: str) -> Flask:
    return opened(ledger_url)


@pytest.mark.parametrize(
    "address", ["/", "/cities/chenzhou", "/sign-in", "/desk/", "/nowhere", "/setup/x", "/cities/x"]
)
def test_every_answer_carries_the_headers_that_protect_it(app: Flask, address: str) -> None:
    headers = app.test_client().get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_every_route_that_writes_asks_for_a_token(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            address = str(rule).replace("<token>", "x").replace("<lib>", "x")
            answer = app.test_client().post(address, data={"x": "y"})
            # Programs bear a token of their own, which no page can have a browser send.
            assert (address, answer.status_code) == (address, 401 if rule.endpoint.startswith("api.") else 400)


@pytest.mark.parametrize("token", ["中文", "%ff", "１", "x"])
def test_a_wrong_one_time_link_is_not_there(app: Flask, token: str) -> None:
    assert app.test_client().get(f"/setup/{token}").status_code == 404


def test_a_nul_character_is_refused_everywhere(app: Flask) -> None:
    assert app.test_client().get("/?lang=%00").status_code == 400


def test_what_is_not_possible_says_what_is(app: Flask) -> None:
    answer = app.test_client().get("/sign-out")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
