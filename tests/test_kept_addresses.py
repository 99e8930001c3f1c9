"""Addresses within the site are remembered, and stay those that Flask makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import flask
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tracker.pages import links


@pytest.fixture
def app(opened: Callable[..., Flask], desk: Session) -> Flask:
    return opened(desk.get_bind().engine.url.render_as_string(hide_password=False))


@pytest.mark.parametrize(
    "values",
    [{}, {"page": 1}, {"page": True}, {"page": 1.0}, {"page": None}, {"city": ["a", "b"]}, {"as_of": date(2020, 1, 2)},
     {"_anchor": "x"}, {"_external": True}],
)  # fmt: skip
def test_an_address_is_the_same_whether_or_not_it_was_asked_for_before(app: Flask, values: dict[str, object]) -> None:
    for root in ("", "/below"):
        with app.test_request_context("/", base_url=f"http://localhost{root}/"):
            made = flask.url_for("pages.commitments", **values)  # type: ignore[arg-type]
            assert [links.url_for("pages.commitments", **values) for _ in range(2)] == [made, made]
