"""A database that is damaged on disk is found, told, and read without being written."""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from following import ANALYST, follow_through, record
from tracker import cli, db
from tracker.app import create_app
from tracker.cli import serving
from tracker.codebook import Execution, Role
from tracker.models import Base
from tracker.models.guarded import APPEND_ONLY
from tracker.verification import pages, starting, verify
from visiting import account, signed_in


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
    with db.writing(ledger, actor=ANALYST) as session:
        account(session, "某分析员", Role.ANALYST)
    hole(ledger, "ix_audit_event_at")
    return ledger


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_a_damaged_database_is_read_and_not_written(damaged: Engine) -> None:
    app = create_app(str(damaged.url), damage="half a page of an index is gone")
    assert starting.damage(damaged)
    desk = signed_in(app, "某分析员").get("/desk/commitment/")
    assert (desk.status_code, "只读" in desk.text) == (200, True)
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
    assert starting.damage(ledger) == ""
    assert "只读" not in opened(ledger_url).test_client().get("/commitments/CZ-2020-01").text


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_a_large_file_is_looked_at_table_by_table(damaged: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "_READ", 0)
    assert "ix_audit_event_at" in starting.damage(damaged)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_a_table_that_there_is_no_time_for_is_told_and_its_ends_are_read(
    ledger: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(starting, "_READ", 0)
    monkeypatch.setattr(pages, "_PATIENCE", 0)
    caplog.set_level(logging.INFO, logger="tracker.events")
    assert starting.damage(ledger) == ""
    assert '"event": "looked_at_in_part"' in caplog.text
    assert "status_assessment" in caplog.text
    hole(ledger, "commitment")
    assert "malformed" in starting.damage(ledger)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_a_large_file_that_ends_too_early_is_damaged(ledger: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "_READ", 0)
    monkeypatch.setattr(pages, "_PATIENCE", 0)
    db.put_away(ledger)
    with file_of(ledger).open("r+b") as file:
        file.truncate(file_of(ledger).stat().st_size - 4096)
    assert "malformed" in starting.damage(ledger)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_a_damaged_database_is_served_as_it_is(damaged: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    before = file_of(damaged).read_bytes()
    assert serving._make_ready(damaged)
    assert "served read-only" in capsys.readouterr().err
    db.put_away(damaged)
    assert file_of(damaged).read_bytes() == before


@pytest.mark.parametrize(
    "words", [["serve", "--port", "0"], ["verify"], ["db", "backup"], ["db", "check"]], ids=" ".join
)
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_what_is_no_database_any_more_ends_a_command_with_an_error(
    ledger: Engine, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file_of(ledger).write_bytes(b"no database any more" * 1000)
    monkeypatch.setattr(sys, "argv", ["tracker", "--database", str(ledger.url), *words])
    monkeypatch.setattr(logging.root, "handlers", [*logging.root.handlers])  # a server adds one of its own
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code in (1, 2)
    assert "not a database" in capsys.readouterr().err


#: Tables whose rows are history, with whatever proves them.
HISTORY = (*APPEND_ONLY, "chain_entry")


def records(content: bytes, root: int, size: int) -> Iterator[range]:
    """Where the records of a table are in a file of SQLite, by its page at the root; what overflows is left out."""
    page = content[(root - 1) * size : root * size]
    head = 100 if root == 1 else 0
    interior, count = page[head] == 0x05, int.from_bytes(page[head + 3 : head + 5])
    cells = [int.from_bytes(page[at : at + 2]) for at in range(head + (12 if interior else 8), size, 2)][:count]
    if interior:
        children = [int.from_bytes(page[cell : cell + 4]) for cell in cells]
        for child in (*children, int.from_bytes(page[head + 8 : head + 12])):
            yield from records(content, child, size)
        return
    for cell in cells:
        length, at = number(page, cell)
        _, at = number(page, at)
        yield range((root - 1) * size + at, (root - 1) * size + min(at + length, size))


def number(page: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where the next thing begins."""
    value = 0
    for _ in range(9):
        value, more = value << 7 | page[at] & 0x7F, page[at] & 0x80
        at += 1
        if not more:
            break
    return value, at


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D9_every_flipped_bit_of_the_history_is_found(
    ledger: Engine, tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        for code in ("CZ-2020-01", "CZ-2020-02.1", "JZ-2020-01"):
            follow_through(session, record(session, code, Execution.IN_PROGRESS))
    with ledger.connect() as connection:
        roots = dict(connection.execute(text("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'")).all())
        size = connection.scalar(text("PRAGMA page_size"))
    db.put_away(ledger)
    content, chance = file_of(ledger).read_bytes(), random.Random(20201231)  # noqa: S311 - the same bits every night
    places = [list(records(content, roots[table], size)) for table in HISTORY if table in roots]
    tried, by_pages, by_start, harmless, missed, before = 200, 0, 0, 0, [], as_read(ledger)
    db.put_away(ledger)
    for turn in range(tried):
        where = chance.choice(chance.choice([rows for rows in places if rows]))
        at, bit = chance.choice(where), chance.randrange(8)
        flipped = bytearray(content)
        flipped[at] ^= 1 << bit
        copy = tmp_path / f"flipped-{turn}.db"
        copy.write_bytes(flipped)
        engine = db.connect(f"sqlite:///{copy}")
        by_start += bool(starting.damage(engine))
        found = faults(engine)
        by_pages += "whole" in found
        if not found and as_read(engine) == before:
            harmless += 1  # as between the day and the hour, where any character will do
        elif not found:
            missed.append((at, bit, content[at - 20 : at + 20]))
        copy.unlink()
    record_property(
        "D9 flipped bits of history found by tracker verify", f"{tried - len(missed) - harmless} of {tried}"
    )
    record_property("D9 of the others, bits that change no value", harmless)
    record_property("D9 of those found, by the pages alone", by_pages)
    record_property("D9 of those found, by the quick look at the start", by_start)
    assert not missed


def as_read(engine: Engine) -> object:
    """Every row of the history, as the program reads it."""
    with db.reading(engine) as session:
        return [session.execute(select(Base.metadata.tables[name])).all() for name in HISTORY]


def faults(engine: Engine) -> set[str]:
    """The last words of the checks that fail."""
    try:
        with db.reading(engine) as session:
            return {check.en.split()[-1] for check in verify(session) if check.faults}
    except (SQLAlchemyError, db.DatabaseNotReady):
        return {"opening"}
