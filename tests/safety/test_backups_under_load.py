"""Nightly: backups taken while others write, restored from a hundred megabytes, refused whenever a bit is not as it was."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from following import ANALYST, record
from tracker import audit, db
from tracker.backups import BackupRefused, holdings, manifest, restoring, sqlite_files, taking
from tracker.codebook import Execution
from tracker.evidence import LARGEST_COPY, archive
from tracker.models import AssessmentEvidence, Commitment

#: Everybody's figures are reproducible.
CHANCE = random.Random(20201231)  # noqa: S311


@contextmanager
def writers(engine: Engine, count: int) -> Iterator[list[int]]:
    """So many people record one follow-up after the other; yields the ids of what was acknowledged."""
    acknowledged: list[int] = []
    failed: list[BaseException] = []
    done = threading.Event()
    with engine.connect() as connection:
        codes = list(connection.scalars(select(Commitment.code).order_by(Commitment.id)))

    def write(turn: int) -> None:
        try:
            own, at = db.connect(engine.url.render_as_string(hide_password=False)), turn
            while not done.is_set():
                with db.writing(own, actor=ANALYST) as session:
                    made = record(session, codes[at % len(codes)], Execution.IN_PROGRESS).id
                acknowledged.append(made)
                at += count
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(turn,)) for turn in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield acknowledged
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not failed, failed[0]


@pytest.mark.nightly
def test_D6_a_backup_under_load_has_all_that_was_written_before_it(
    ledger: Engine, tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    whole, waited = 0, []
    with writers(ledger, 4) as acknowledged:
        for number in range(30):
            path, before, began = tmp_path / f"{number}.backup", len(acknowledged), time.monotonic()
            known = taking.take(ledger, path)
            waited.append(time.monotonic() - began)
            assert known.holds.rows["status_assessment"] >= before
            assert known.holds.rows["status_assessment"] == known.holds.rows["assessment_evidence"]
            restoring.check(ledger, path)
            whole += 1
            assert known.checkpoint or not known.holds.chain_size
    written = len(acknowledged)
    for name, value in {
        f"D6 backups under load, whole ({ledger.dialect.name})": f"{whole} of 30",
        f"D6 written meanwhile ({ledger.dialect.name})": written,
        f"D6 slowest backup, seconds ({ledger.dialect.name})": round(max(waited), 2),
    }.items():
        record_property(name, value)


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D6_each_copy_is_a_moment_of_the_ledger(ledger: Engine, tmp_path: Path) -> None:
    with writers(ledger, 4) as acknowledged:
        for number in range(10):
            before = set(acknowledged)
            taking.take(ledger, tmp_path / f"{number}.backup")
            with sqlite_files.opened(ledger, tmp_path / f"{number}.backup") as connection:
                there = set(connection.scalars(text("SELECT id FROM status_assessment")))
                assert before <= there
                assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.mark.release
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D7_a_hundred_megabytes_are_restored_and_verified_in_ten_seconds(
    ledger: Engine, opened: Callable[..., Flask], tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        made = record(session, "CZ-2020-01", Execution.IN_PROGRESS)
        page = (
            session.scalars(select(AssessmentEvidence).where(AssessmentEvidence.assessment_id == made.id))
            .one()
            .evidence
        )
        analyst = audit.signer(session, ANALYST)
        for _ in range(100_000_000 // LARGEST_COPY + 1):
            content = CHANCE.randbytes(LARGEST_COPY - 1)
            archive(
                session, page, content, media_type="application/pdf", retrieved_on=date(2021, 1, 31), analyst=analyst
            )
    known = taking.take(ledger, tmp_path / "large.backup")
    assert known.size > 100_000_000
    spare = db.connect(f"sqlite:///{tmp_path / 'spare.db'}")
    began = time.monotonic()
    restored = restoring.restore(spare, tmp_path / "large.backup", verified=True)
    took = time.monotonic() - began
    record_property("D7 megabytes restored and verified", known.size // 1_000_000)
    record_property("D7 seconds for it", round(took, 2))
    assert restored.checks > 10
    with spare.connect() as connection:
        assert holdings.of(connection) == known.holds
    assert took <= 10
    reader = opened(f"sqlite:///{tmp_path / 'spare.db'}").test_client()
    with spare.connect() as connection:
        codes = list(connection.scalars(select(Commitment.code).order_by(Commitment.id).limit(16)))
    for address in ("/", "/commitments", "/method", "/codebook", *(f"/commitments/{code}" for code in codes)):
        assert reader.get(address).status_code == 200, address


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D8_of_three_hundred_flipped_bits_and_twenty_cuts_none_is_restored(
    ledger: Engine, tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    good = tmp_path / "good.backup"
    size = taking.take(ledger, good).size
    bad, refused, tried = tmp_path / "bad.backup", 0, 0
    now = good.read_bytes()
    ends = [CHANCE.randrange(size) for _ in range(20)]
    for cut in [None] * 300 + ends:
        content = bytearray(now[:cut])
        if cut is None:
            content[CHANCE.randrange(size)] ^= 1 << CHANCE.randrange(8)
        bad.write_bytes(content)
        shutil.copy(manifest.beside(good), manifest.beside(bad))
        tried += 1
        refused += is_refused(ledger, bad)
    for _ in range(100):
        content = bytearray(manifest.beside(good).read_bytes())
        content[CHANCE.randrange(len(content))] ^= 1 << CHANCE.randrange(8)
        shutil.copy(good, bad)
        manifest.beside(bad).write_bytes(content)
        tried += 1
        refused += is_refused(ledger, bad)
    record_property("D8 damaged backups refused", f"{refused} of {tried}")
    assert refused == tried == 420


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D8_a_backup_under_the_manifest_of_another_is_refused(ledger: Engine, tmp_path: Path) -> None:
    for name in ("one", "other"):
        taking.take(ledger, tmp_path / name)
        with db.writing(ledger, actor=ANALYST) as session:
            record(session, "CZ-2020-01", Execution.IN_PROGRESS)
    one, other = (manifest.beside(tmp_path / name) for name in ("one", "other"))
    swapped = other.read_bytes(), one.read_bytes()
    one.write_bytes(swapped[0])
    other.write_bytes(swapped[1])
    assert is_refused(ledger, tmp_path / "one")
    assert is_refused(ledger, tmp_path / "other")


def is_refused(engine: Engine, backup: Path) -> bool:
    """Whether a backup is refused before the database is touched."""
    try:
        restoring.restore(engine, backup)
    except BackupRefused:
        return True
    return False
