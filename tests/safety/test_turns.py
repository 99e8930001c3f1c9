"""Writers of one process take turns at an SQLite file: in order, without a refusal, and nobody keeps a turn for good."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tracker import db
from tracker.db import turns
from tracker.db.turns import Turns


def waiting(queue: Turns, count: int) -> None:
    """Go on when so many wait."""
    while len(queue._waiting) < count:
        threading.Event().wait(0.001)


def test_C6_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    queue, came = Turns(), list[int]()

    def write(number: int) -> None:
        assert queue.take(60)
        came.append(number)
        queue.leave()

    assert queue.take(0)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for count, writer in enumerate(writers, 1):
        writer.start()
        waiting(queue, count)
    queue.leave()
    for writer in writers:
        writer.join()
    assert came == [0, 1, 2, 3, 4]


def test_C6_who_waits_no_longer_is_passed_over() -> None:
    queue = Turns()
    assert queue.take(0)
    assert not queue.take(0.001)
    queue.leave()
    assert queue.take(0)


@pytest.fixture
def file(migrated_file: Path, tmp_path: Path) -> Engine:
    copy = tmp_path / "turns.db"
    copy.write_bytes(migrated_file.read_bytes())
    return db.connect(f"sqlite:///{copy}", pooled=True)


def test_C6_a_turn_ends_with_its_transaction_however_that_ends(file: Engine) -> None:
    queue = turns.of(str(Path(str(file.url.database)).resolve()))
    writing = file.execution_options(**db.WRITES)
    with writing.begin():
        assert queue._is_taken
    assert not queue._is_taken
    with pytest.raises(ZeroDivisionError), writing.begin():
        raise ZeroDivisionError
    assert not queue._is_taken
    connection = writing.connect()
    connection.execute(text("SELECT 1"))
    connection.invalidate()
    assert not queue._is_taken
    connection.close()
    with file.connect() as reader:
        reader.execute(text("SELECT 1"))
        assert not queue._is_taken


def test_C6_a_lock_of_another_program_leaves_no_turn_behind(file: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_LOCK_SECONDS", "0.1")
    url = file.url.render_as_string()
    queue = turns.of(str(Path(str(file.url.database)).resolve()))
    other = db.connect(url, pooled=True).raw_connection()
    other.execute("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="database is locked"), db.connect(url).execution_options(**db.WRITES).begin():
        pass
    assert not queue._is_taken
    other.close()
