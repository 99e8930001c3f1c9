"""What somebody with the database in their hands did to the past is found, and the first row that does not fit is named.

They drop the guards, change what they like, and make the guards anew. What the ledger by itself cannot find, a checkpoint
or a log that was kept elsewhere does.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, func, select, text

from following import ANALYST, commitment, record
from tracker import audit, chain, checkpoints, db
from tracker.assessments import logged
from tracker.chain import Misfit
from tracker.codebook import Execution
from tracker.findings import Search
from tracker.models import AuditEvent, ChainEntry, guards
from tracker.verification import chained, first_misfit, history

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SEARCH = Search("郴州市人民政府网站", "网上签约")

Step = str | Callable[[Connection], None]


def search(engine: Engine) -> None:
    """One change, the last of all: a search that found nothing."""
    with db.writing(engine, actor=ANALYST) as session:
        session.add(logged(SEARCH, commitment(session, "CZ-2020-01"), audit.signer(session, ANALYST)))


@pytest.fixture
def followed(ledger: Engine) -> Engine:
    """A ledger with a judgement and, after it, two searches."""
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, "CZ-2020-01", Execution.IN_PROGRESS)
    search(ledger)
    search(ledger)
    return ledger


class Kept:
    """What somebody keeps elsewhere: a checkpoint, and the log."""

    def __init__(self, engine: Engine) -> None:
        with db.reading(engine) as session:
            self.checkpoint = checkpoints.checkpoint(session, KEY)
            self.log = b"".join(chain.log(session.connection())).decode()
        self.size = checkpoints.read(self.checkpoint)[0].size


@pytest.fixture
def kept(followed: Engine) -> Kept:
    return Kept(followed)


def tamper(engine: Engine, *steps: Step) -> None:
    with engine.execution_options(**db.WRITES).begin() as connection:
        for name, table in guards.present(connection).items():
            connection.execute(
                text(f"DROP TRIGGER {name}" + (f' ON "{table}"' if engine.dialect.name != "sqlite" else ""))
            )
        for step in steps:
            connection.execute(text(step)) if isinstance(step, str) else step(connection)
        guards.install(connection)
        assert guards.missing(connection) == []


def place(engine: Engine, table: str, key: str) -> int:
    """Where in the chain the event stands that wrote a row."""
    rows = select(func.min(ChainEntry.seq)).join(AuditEvent, AuditEvent.id == ChainEntry.event_id)
    with engine.connect() as connection:
        return connection.execute(rows.where(AuditEvent.table_name == table, AuditEvent.row_key == key)).scalar_one()


def first(engine: Engine, kept: str = "") -> Misfit | None:
    """The first that does not fit: by the ledger itself, and by what was kept."""
    with db.reading(engine) as session:
        others = checkpoints.compare(session, checkpoints.read(kept)) if kept else []
        return first_misfit(session, *others)


def removed(seq: int, number: int) -> list[Step]:
    """A search is gone, and its event, and its entry."""
    return [
        f"DELETE FROM audit_event WHERE id = (SELECT event_id FROM chain_entry WHERE seq = {seq})",
        f"DELETE FROM chain_entry WHERE seq = {seq}",
        f"DELETE FROM search_log WHERE id = {number}",
    ]


def edited(connection: Connection) -> None:
    """The first search asked for something else, as its row and its event say."""
    connection.execute(text("UPDATE search_log SET query = '改写' WHERE id = 1"))
    event = select(AuditEvent.id, AuditEvent.changes).where(AuditEvent.table_name == "search_log")
    number, changes = connection.execute(event.where(AuditEvent.row_key == "1")).one()
    changed = AuditEvent.__table__.update().where(AuditEvent.id == number)
    connection.execute(changed.values(changes={**changes, "query": [None, "改写"]}))


def rehashed(connection: Connection, start: int) -> None:
    """Every hash from a place on is computed anew, by somebody who has read how."""
    columns = (ChainEntry.seq, ChainEntry.at.label("chained_at"), *chain.EVENT)
    rows = select(*columns).join(AuditEvent, AuditEvent.id == ChainEntry.event_id).where(ChainEntry.seq >= start)
    last = connection.execute(select(ChainEntry.hash).where(ChainEntry.seq == start - 1)).scalar_one()
    for row in connection.execute(rows.order_by(ChainEntry.seq)).mappings().all():
        event = {column.key: row[column.key] for column in chain.EVENT}
        last = chain.linked(last, chain.canonical(chain.content(row["seq"], row["chained_at"], event)))
        connection.execute(ChainEntry.__table__.update().where(ChainEntry.seq == row["seq"]).values(hash=last))


def test_Z10_a_ledger_that_goes_on_fits_what_was_kept_before(followed: Engine, kept: Kept) -> None:
    search(followed)
    assert first(followed, kept.checkpoint) is None
    assert first(followed, kept.log) is None


def test_Z10_an_edited_row_is_named(followed: Engine, kept: Kept) -> None:
    tamper(followed, "UPDATE status_assessment SET summary = '改写' WHERE id = 1")
    seq = place(followed, "status_assessment", "1")
    assert first(followed, kept.checkpoint) == Misfit(seq, "status_assessment", "1", "is not as it was written")


def test_Z10_O4_a_row_that_was_edited_together_with_its_event_is_named(followed: Engine, kept: Kept) -> None:
    tamper(followed, edited)
    seq = place(followed, "search_log", "1")
    assert first(followed, kept.checkpoint) == Misfit(seq, "search_log", "1", "is not what was chained")


def test_Z10_O4_a_row_that_was_deleted_with_all_that_tells_of_it_is_missed(followed: Engine, kept: Kept) -> None:
    seq = place(followed, "search_log", "1")
    tamper(followed, *removed(seq, 1))
    assert first(followed, kept.checkpoint) == Misfit(seq, "", "", "missing")


def test_Z10_a_row_that_was_put_in_is_named(followed: Engine, kept: Kept) -> None:
    columns = "commitment_id, searched_in, query, searched_on, analyst_id"
    tamper(followed, f"INSERT INTO search_log (id, {columns}) SELECT 999, {columns} FROM search_log WHERE id = 1")
    put_in = Misfit(kept.size, "search_log", "999", "was never written by anybody who signed")
    assert first(followed, kept.checkpoint) == put_in


def test_Z10_O4_events_that_changed_places_are_named(followed: Engine, kept: Kept) -> None:
    one, other = place(followed, "search_log", "1"), place(followed, "search_log", "2")
    swapped = (
        f"(SELECT event_id FROM chain_entry WHERE seq = {one}), (SELECT event_id FROM chain_entry WHERE seq = {other})"
    )
    with followed.connect() as connection:
        events = connection.execute(text(f"SELECT {swapped}")).one()
    put = "UPDATE chain_entry SET event_id = {} WHERE seq = {}"
    tamper(followed, put.format(-1, one), put.format(events[0], other), put.format(events[1], one))
    assert first(followed, kept.checkpoint) == Misfit(one, "search_log", "2", "is not what was chained")


def test_Z10_a_tail_that_was_cut_off_is_missed_by_what_was_kept(followed: Engine, kept: Kept) -> None:
    seq = place(followed, "search_log", "2")
    tamper(followed, *removed(seq, 2))
    assert first(followed) is None
    missed = Misfit(seq, "", "", f"missing: {kept.size} entries were kept")
    assert first(followed, kept.checkpoint) == missed
    assert first(followed, kept.log) == missed


def test_Z10_a_tail_that_was_hashed_anew_is_named_by_what_was_kept(followed: Engine, kept: Kept) -> None:
    seq = place(followed, "search_log", "1")
    tamper(followed, edited, lambda connection: rehashed(connection, seq))
    assert first(followed) is None
    named = Misfit(seq, "search_log", "1", "is not what was kept")
    assert first(followed, kept.log) == named
    assert first(followed, kept.checkpoint) == named


def test_Z10_a_change_long_ago_is_named_by_the_log_and_narrowed_down_by_a_checkpoint(
    followed: Engine, kept: Kept
) -> None:
    tamper(followed, "UPDATE audit_event SET actor = '别人' WHERE id = 100", lambda connection: rehashed(connection, 1))
    assert first(followed) is None
    named = first(followed, kept.log)
    assert named
    assert named.seq == 100
    narrowed = first(followed, kept.checkpoint)
    assert narrowed
    assert 100 <= narrowed.seq < kept.size
    assert "the last before it that was kept and fits is seq" in narrowed.why


def test_Z10_an_older_database_put_back_is_missed_by_what_was_kept(
    ledger: Engine, dialect: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with ledger.connect() as connection:
        before = connection.execute(select(func.max(ChainEntry.seq))).scalar_one()
    if dialect == "sqlite":
        db.put_away(ledger)
        shutil.copy(str(ledger.url.database), tmp_path / "older.db")
    search(ledger)
    kept = Kept(ledger)
    if dialect == "sqlite":
        db.put_away(ledger)
        shutil.copy(tmp_path / "older.db", str(ledger.url.database))
    else:
        request.getfixturevalue("seeded_server").put_back()
    assert first(ledger) is None
    assert first(ledger, kept.checkpoint) == Misfit(before + 1, "", "", f"missing: {kept.size} entries were kept")


@pytest.mark.parametrize("table", ["status_assessment", "audit_event", "chain_entry"])
def test_Z10_O4_a_guard_that_was_dropped_is_named(followed: Engine, table: str) -> None:
    name = f"guard_{table}_update" if followed.dialect.name == "sqlite" else f"guard_{table}_row"
    with followed.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(f"DROP TRIGGER {name}" + (f" ON {table}" if followed.dialect.name != "sqlite" else "")))
    with db.reading(followed) as session:
        assert history.guarded(session)[1] == [name]


def test_Z10_the_beginning_of_another_ledger_is_told(followed: Engine, kept: Kept) -> None:
    other = kept.checkpoint.replace("tracker/", "tracker/0", 1)
    misfit = first(followed, other)
    assert misfit
    assert "another ledger" in misfit.why


def test_Z10_an_entry_that_nobody_can_read_is_named_and_does_not_end_the_proof(followed: Engine) -> None:
    if followed.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps no such text")
    seq = place(followed, "search_log", "1")
    broken = "UPDATE audit_event SET {} WHERE id = (SELECT event_id FROM chain_entry WHERE seq = {})"
    tamper(followed, broken.format("changes = '{'", seq), broken.format("at = 'yesterday'", seq - 1))
    with db.reading(followed) as session:
        assert chained.chained(session)[1] == [
            f"seq {seq - 1}: − cannot be read",
            f"seq {seq}: search_log 1 − cannot be read",
        ]


def test_Z10_a_checkpoint_is_proved_by_the_key_and_by_no_other(followed: Engine, kept: Kept) -> None:
    with db.reading(followed) as session:
        own = checkpoints.public_key(session, KEY)
        other = checkpoints.public_key(session, Ed25519PrivateKey.generate())
    assert checkpoints.read(kept.checkpoint + kept.checkpoint, own)[1].size == kept.size
    for text_, public in ((kept.checkpoint, other), (kept.checkpoint.replace(f"\n{kept.size}\n", "\n7\n"), own)):
        with pytest.raises(checkpoints.WrongSignature):
            checkpoints.read(text_, public)


@pytest.mark.parametrize("text_", ["", "x", "a\n1\nb\n", "a\n1\n!!\n\n— a AAAA\n", "a\n0\n" + "A" * 43 + "=\n\n— a AAAA\n",
                                   "a\n2\n" + "A" * 43 + "=\nentry x\n\n— a AAAA\n", "\n" * 9, "— a AAAA\n— a AAAA\n"])  # fmt: skip
def test_Z10_what_is_no_checkpoint_is_said_to_be_none(text_: str) -> None:
    with pytest.raises(checkpoints.NoCheckpoint):
        checkpoints.read(text_)
