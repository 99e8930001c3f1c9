"""Numbered releases: each whole, proved, and told apart from the one before row by row."""

from __future__ import annotations

import csv
import json
import subprocess
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import sqlite_utils
from sqlalchemy import Engine, select

from following import ANALYST, commitment, record
from test_cli import Run, anywhere, refused, run
from test_datasets import faults
from tracker import db
from tracker.codebook import Execution
from tracker.datasets import changes, releases
from tracker.models import CommitmentLink

__all__ = ["anywhere", "run"]

DUE = "CZ-2020-17.2"


def changed(made: Path) -> list[tuple[str, ...]]:
    with (made / "changes.csv").open(encoding="utf-8-sig", newline="") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


@pytest.fixture
def first(run: Run, ledger: Engine, tmp_path: Path) -> Path:
    assert ledger
    folder = tmp_path / "releases"
    assert run("release", str(folder), "--note", "第一次").code == 0
    return folder


def test_a_release_holds_every_form_and_others_open_and_prove_it(run: Run, first: Path) -> None:
    made = first / "0001"
    assert faults(made / "datapackage") == []
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=made, check=True, capture_output=True)
    book = openpyxl.load_workbook(made / "commitments.xlsx", read_only=True)
    count = len((made / "commitments.jsonl").read_text().splitlines())
    assert sum(1 for _ in book.worksheets[0].iter_rows()) == count + 1 > 200
    book.close()
    found = sqlite_utils.Database(made / "ledger.db")
    assert found["commitments"].count == count
    found.close()
    assert run("verify", "--export", str(made / "SHA256SUMS")).code == 0
    assert run("release", str(first), "--check").code == 0
    said = json.loads((made / "datapackage" / "datapackage.json").read_text())
    assert (said["release"], said["version"]) == (1, "1.0.0")
    for name in ("CITATION.cff", "README.md"):
        assert "第 1 次发布" in (made / name).read_text()
    assert "第一次" in (made / "CHANGES.md").read_text()
    assert changed(made) == []


def test_the_next_release_says_row_by_row_what_changed(run: Run, first: Path, ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, DUE, Execution.COMPLETED, problems="=1+1")
        commitment(session, "CZ-2020-01.1").title_zh = "另一个题目"
        session.delete(session.scalars(select(CommitmentLink).order_by(CommitmentLink.id)).first())
    assert run("release", str(first)).code == 0
    told = changed(first / "0002")
    assert ("changed", "standings", DUE, "execution", "not_reviewed", "completed") in told
    assert [row[:3] for row in told if row[1] == "assessments"] == [("added", "assessments", "1")]
    titles = [row for row in told if row[1] == "commitments"]
    assert [(row[2], row[3], row[5]) for row in titles] == [("CZ-2020-01.1", "title_zh", "另一个题目")]
    assert [row[0] for row in told if row[1] == "links"] == ["removed"]
    text = (first / "0002" / "CHANGES.md").read_text()
    assert f"{DUE}：未核查 Not reviewed → 已完成 Completed" in text
    index = json.loads((first / "releases.json").read_text())["releases"]
    assert [(one["number"], one["changes"]) for one in index] == [
        (1, None),
        (2, {"added": 3, "changed": 2, "removed": 1}),
    ]


def test_nothing_changed_is_said(run: Run, first: Path) -> None:
    assert run("release", str(first)).code == 0
    assert changed(first / "0002") == []
    assert "The same as release 1" in (first / "0002" / "CHANGES.md").read_text()


@pytest.mark.parametrize(
    "harm", ["commitments.csv", "datapackage/data/terms.csv", "SHA256SUMS", "SHA256SUMS.checkpoint"]
)
def test_a_release_before_that_is_damaged_is_refused_and_found(run: Run, first: Path, harm: str) -> None:
    path = first / "0001" / harm
    text = path.read_text()
    path.write_text(text.replace(text[40:44], "0000", 1) if "SUMS" not in harm else text[:-20] + text[-3:])
    assert "the release before is damaged" in refused(run("release", str(first)))
    assert sorted(one.name for one in first.iterdir()) == ["0001", "releases.json"]
    assert run("release", str(first), "--check").code == 1


def test_a_file_that_is_missing_or_was_added_is_found(first: Path) -> None:
    made = first / "0001"
    (made / "LICENSE").unlink()
    (made / "more.txt").write_text("more")
    assert [fault.split("/ ")[-1].split(",")[0] for fault in releases.damaged(made)] == [
        "is missing",
        "is not in SHA256SUMS",
    ]


def test_a_release_of_the_past_is_made_as_of_a_day(run: Run, ledger: Engine, tmp_path: Path) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, DUE, Execution.COMPLETED)
    folder = tmp_path / "releases"
    assert run("release", str(folder), "--as-of", "2020-12-30").code == 0
    assert run("release", str(folder), "--as-of", "2020-12-31").code == 0
    assert ("changed", "standings", DUE, "execution", "not_reviewed", "completed") in changed(folder / "0002")
    said = json.loads((folder / "releases.json").read_text())["releases"]
    assert [one["as_of"] for one in said] == [date(2020, 12, day).isoformat() for day in (30, 31)]


def test_a_column_that_is_new_is_told_once_and_not_for_every_row(first: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old", first / "0001" / "datapackage"
    (old / "data").mkdir(parents=True)
    (old / "datapackage.json").write_text((new / "datapackage.json").read_text())
    for path in (new / "data").iterdir():
        lines = path.read_text()
        (old / "data" / path.name).write_text(lines.replace("name_zh,", "nom,", 1) if path.stem == "people" else lines)
    assert [(one.change, one.table, one.field) for one in changes.between(old, new)] == [
        ("removed", "people", "nom"),
        ("added", "people", "name_zh"),
    ]


def test_there_is_nothing_to_check_where_nothing_was_released(run: Run, tmp_path: Path) -> None:
    assert "there is no release" in refused(run("release", str(tmp_path), "--check"))
    assert "there is no folder" in refused(run("release", str(tmp_path / "a" / "b")))
