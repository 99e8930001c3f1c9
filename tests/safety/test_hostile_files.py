"""Files of rows that somebody damaged or made to do harm: told in plain words or taken whole, never half, never a crash."""

from __future__ import annotations

import io
import random
import resource
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from following import ANALYST
from test_importing import EVERY, HOW, TABLE, TRACKER
from tracker import audit, importing
from tracker.importing import Reading, Unreadable, mappings
from tracker.models import AuditEvent

#: What mutations put in: what ends a cell, a file or a text, and what is not what it seems.
HOSTILE = (
    b"\0", b'"', b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\n\n\n", b",,,,,,,,", b"=1+1", b"NaN", b"{", b"}",
    b'{"code": 1, "code": 2}', b"\xe2\x80\xae", b"\xf0\x9f\x98\x80", b"9" * 400, b"2020-13-40", b"\r", b"-0", b"1e999",
    b"<!DOCTYPE a>", b"[" * 50, b"javascript:alert(1)", b"' OR 1=1 --", b"\x1b[2J",
)  # fmt: skip


def workbook() -> bytes:
    book = Workbook()
    for line in TABLE.splitlines()[1:]:
        book.active.append(line.split(","))  # type: ignore[union-attr]
    book.save(out := io.BytesIO())
    return out.getvalue()


def seeds() -> dict[str, bytes]:
    lines = TRACKER.splitlines()
    names = lines[0].split(",")
    objects = [dict(zip(names, line.split(","), strict=False)) for line in lines[1:]]
    return {
        "table.csv": TABLE.encode(),
        "tracker.csv": TRACKER.encode(),
        "tracker.jsonl": "\n".join(str(one).replace("'", '"') for one in objects).encode(),
        "table.xlsx": workbook(),
    }


def mutated(count: int) -> Iterator[tuple[str, bytes]]:
    """Files, each of them damaged in some places, the same in every run."""
    chance, whole = random.Random(20201231), list(seeds().items())  # noqa: S311 - the same in every run
    for _ in range(count):
        name, content = chance.choice(whole)
        made = bytearray(content)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(made) + 1)
            match chance.randrange(4):
                case 0:
                    made[place:place] = chance.choice(HOSTILE)
                case 1:
                    del made[place : place + chance.randint(1, 40)]
                case 2:
                    made[place : place + 1] = bytes([chance.randrange(256)])
                case _:
                    end = place + chance.randint(1, 60)
                    made[end:end] = made[place:end]
        yield name, bytes(made)


def tried(session: Session, tmp_path: Path, files: Iterator[tuple[str, bytes]]) -> dict[str, int]:
    """What became of each file; a fault of any other kind ends the test."""
    told = {"refused": 0, "faults": 0, "taken": 0}
    for name, content in files:
        path = tmp_path / name
        path.write_bytes(content)
        try:
            table = importing.opened(path)
            reading, _ = mappings.start(session, table.headings)
            known = {heading: names for heading, names in HOW.columns.items() if heading in table.headings}
            also = Reading(columns=known or {"序号": ("code",)} if "序号" in table.headings else known, fixed=EVERY)
            outcome = importing.look(session, table, reading.and_also(also))
        except Unreadable as refused:
            told["refused"] += bool(refused.zh and refused.en)
        else:
            assert all(one.zh and one.en and one.row for one in outcome.troubles)
            told["faults" if outcome.troubles else "taken"] += 1
    return told


def test_I2_a_damaged_file_is_told_by_row_or_refused_whole(desk: Session, tmp_path: Path) -> None:
    told = tried(desk, tmp_path, mutated(120))
    assert told["refused"] > 5
    assert told["faults"] > 5


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_I2_ten_thousand_damaged_files_write_nothing_by_half(
    desk: Session, tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    events = select(func.count()).select_from(AuditEvent)
    before = desk.scalar(events)
    record_property("I2 files refused, with faults, taken", tuple(tried(desk, tmp_path, mutated(10_000)).values()))
    assert desk.scalar(events) == before


def test_what_a_damaged_file_says_is_written_whole_or_not_at_all(desk: Session, tmp_path: Path) -> None:
    """The look and the writing agree: what has no fault is written without one."""
    analyst = audit.signer(desk, ANALYST)
    path = tmp_path / "table.csv"
    for _, content in mutated(40):
        path.write_bytes(content)
        with desk.begin_nested() as tried_once:
            try:
                table = importing.opened(path)
                reading = mappings.start(desk, table.headings)[0].and_also(Reading(fixed=EVERY))
                faults = importing.look(desk, table, reading).trouble_count
                if not faults:
                    assert importing.take(desk, table, reading, analyst=analyst).troubles == []
            except Unreadable:
                pass
            tried_once.rollback()
        analyst = audit.signer(desk, ANALYST)


def bombs() -> dict[str, bytes]:
    """Files that are small and unpack to what fills a machine."""
    zeros, inner = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (600 * 1024 * 1024))
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("nested.zip", zeros.getvalue())
    far = Workbook()
    far.active["XFD1"], far.active["A1"] = "far", "code"  # type: ignore[index]
    far.save(farther := io.BytesIO())
    return {
        "zeros.xlsx": zeros.getvalue(),
        "nested.xlsx": inner.getvalue(),
        "far.xlsx": farther.getvalue(),
        "cell.csv": b'code,quote\n1,"' + b"x" * 5_000_000 + b'"\n',
        "deep.jsonl": b'{"a":' * 100_000,
    }


@pytest.fixture(scope="module")
def made_bombs() -> dict[str, bytes]:
    return bombs()


@pytest.mark.parametrize("name", ["zeros.xlsx", "nested.xlsx", "far.xlsx", "cell.csv", "deep.jsonl"])
def test_I3_a_bomb_is_refused_at_once_and_in_little_memory(
    made_bombs: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(made_bombs[name])
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(Unreadable):
        list(importing.opened(path).lines())
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert time.perf_counter() - start < 5
    assert grown <= 50
