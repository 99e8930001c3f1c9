"""A database that is damaged on disk is found, told, and read without being written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError

from tracker import db, health
from tracker.app import create_app


def file_of(engine: Engine) -> Path:
    return Path(str(make_url(engine.url).database))


def hole(engine: Engine, table: str) -> None:
    """Zeros over the last page of a table's index of keys: it opens, and is not whole."""
    with engine.connect() as connection:
        page = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = :name"), {"name": table})
        size = connection.scalar(text("PRAGMA page_size"))
    db.put_away(engine)
    with file_of(engine).open("r+b") as file:
        file.seek((page - 1) * size + size // 2)
        file.write(bytes(size // 2))


@pytest.fixture
def damaged(ledger: Engine) -> Engine:
    """A ledger whose file lost half a page of an index that no page for readers asks."""
    hole(ledger, "ix_audit_event_at")
    return ledger


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_a_damaged_database_is_read_and_not_written(damaged: Engine) -> None:
    app = create_app(str(damaged.url))
    client = app.test_client()
    page = client.get("/commitments/CZ-2020-01")
    assert page.status_code == 200
    assert "只读" in page.text
    answer = client.post("/sign-in", data={"email": "a@example.org", "password": "x"})
    assert answer.status_code == 503
    assert "数据库文件有损坏" in answer.text
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["status"], ready.json["checks"]["serving"]) == (503, "unready", "failed")
    with app.extensions["engine"].connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text("DELETE FROM saved_list"))
    app.extensions["engine"].dispose()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_a_whole_database_has_no_notice(ledger: Engine, opened: Callable[..., Flask], ledger_url: str) -> None:
    assert health.damage(ledger) == ""
    assert "只读" not in opened(ledger_url).test_client().get("/commitments/CZ-2020-01").text
