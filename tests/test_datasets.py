"""The ledger as data: a package that others validate, and one SQLite file that others open."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import frictionless
import pytest
import sqlite_utils
import yaml
from sqlalchemy import Engine, select

from following import ANALYST, PAGE, close, follow_through, obstacle, record, reviewer
from test_cli import Run, anywhere, refused, run
from test_importing import HOW, TRACKER
from tracker import audit, checkpoints, codebook, datasets, db, importing, seed
from tracker.codebook import EvidenceReports, Execution, PublicationState, Verdict
from tracker.datasets import RESOURCES, Scope, descriptor
from tracker.db.sqlite import driver
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.models import Commitment
from tracker.reviews import review
from tracker.standings import Cutoff

__all__ = ["anywhere", "run"]

DUE, OTHER = "CZ-2020-17.2", "CZ-2020-21.4"

Written = Callable[..., Path]


@pytest.fixture
def followed(ledger: Engine) -> Engine:
    """A row in every table, two judgements of one commitment, and text that begins like a formula."""
    with db.writing(ledger, actor=ANALYST) as session:
        source = Source(PAGE, reports=EvidenceReports.DELIVERY, title="验收公告")
        found = record(session, DUE, Execution.IN_PROGRESS, problems="=HYPERLINK(1)", evidence=(source,))
        follow_through(session, found)
        record(session, DUE, Execution.COMPLETED, corrects=found.id, effective_on=date(2021, 1, 20))
        returned = record(session, OTHER, Execution.NO_EVIDENCE_FOUND, now=datetime(2021, 3, 1, tzinfo=UTC))
        review(session, returned, Verdict.RETURN, reviewer=reviewer(session), note="再查")
        close(session, obstacle(session))
    return ledger


@pytest.fixture
def write(followed: Engine, tmp_path: Path) -> Written:
    """Writes a data package of some commitments into a folder of its own."""
    key = checkpoints.signing_key(tmp_path / "unused")

    def written(asked: CommitmentFilter = CommitmentFilter(), name: str = "package") -> Path:  # noqa: B008 - frozen
        folder = tmp_path / name
        folder.mkdir()
        with db.reading(followed, at_once=True) as session:
            datasets.write_folder(session, datasets.edition(session, Scope(asked), key), folder, key)
        return folder

    return written


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faults(folder: Path) -> list[Any]:
    report = frictionless.Package(str(folder / "datapackage.json")).validate()
    return report.flatten(["name", "rowNumber", "type", "message"])


def test_a_package_is_valid_with_its_keys_and_every_table_has_rows(write: Written) -> None:
    folder = write()
    assert faults(folder) == []
    assert [one.name for one in RESOURCES if not rows(folder, one.name)] == []
    said = json.loads((folder / "datapackage.json").read_text())
    assert {one["name"] for one in said["resources"]} == {path.stem for path in (folder / "data").iterdir()}
    assert sum(len(one["schema"]["foreignKeys"]) for one in said["resources"]) > 40


def test_a_table_of_another_country_that_names_nobody_leaves_as_a_valid_package(
    write: Written, followed: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(TRACKER, encoding="utf-8")
    with db.writing(followed, actor=ANALYST) as session:
        analyst = audit.signer(session, ANALYST)
        assert importing.take(session, importing.opened(path), HOW, analyst=analyst).troubles == []
    folder = write()
    assert faults(folder) == []
    assert {row["speaker"] for row in rows(folder, "commitments") if row["city"] == "US"} == {""}


def test_a_row_that_names_none_is_found_by_whoever_validates(write: Written) -> None:
    folder = write()
    path = folder / "data" / "reviews.csv"
    path.write_text(path.read_text().replace("\n1,1,", "\n1,999,"))
    assert "foreign-key" in {kind for _, _, kind, _ in faults(folder)}


def test_every_column_and_table_is_named_in_both_languages_and_every_code_is_in_the_codebook(write: Written) -> None:
    folder = write()
    known = {(row["vocabulary"], row["code"]) for row in rows(folder, "codebook")}
    for resource in RESOURCES:
        assert resource.zh
        assert resource.en
        for column in resource.fields:
            assert column.zh, (resource.name, column.name)
            assert column.en, (resource.name, column.name)
            if column.codes:
                of = descriptor.vocabulary(column)
                assert {(of, code.value) for code in column.codes} <= known


def test_a_quote_stands_at_its_position_in_the_text_of_its_document(write: Written) -> None:
    folder = write()
    texts = {row["key"]: row["text"] for row in rows(folder, "documents")}
    found = rows(folder, "commitments")
    assert len(found) > 200
    for row in found:
        assert texts[row["document"]][int(row["start"]) : int(row["end"])] == row["quote"]


def test_a_package_says_what_it_is_of_and_is_proved(write: Written) -> None:
    folder = write(CommitmentFilter(cutoff=Cutoff(date(2021, 1, 31), date(2021, 2, 1))))
    said = json.loads((folder / "datapackage.json").read_text())
    assert (said["as_of"], said["recorded_by"]) == ("2021-01-31", "2021-02-01")
    assert {"MIT"} == {one["name"] for one in said["licenses"]}
    assert "2021-01-31" in said["citation"]
    for one in said["resources"]:
        content = (folder / one["path"]).read_bytes()
        assert (f"sha256:{hashlib.sha256(content).hexdigest()}", len(content)) == (one["hash"], one["bytes"])
    signed = (folder / "datapackage.json.checkpoint").read_text()
    (anchor,) = checkpoints.read(signed)
    assert anchor.said["file"].split(" ")[0] == checkpoints.digest(folder / "datapackage.json")
    assert anchor.entries[said["chain"]["entries"] - 1] == said["chain"]["head"]
    assert {"README.md", "LICENSE", "CITATION.cff"} <= {path.name for path in folder.iterdir()}
    cited = yaml.safe_load((folder / "CITATION.cff").read_text())
    # The keys that the schema of CFF 1.2.0 knows, of those that we use.
    assert set(cited) <= {"cff-version", "message", "type", "title", "abstract", "version", "date-released", "license",
                          "authors", "url"}  # fmt: skip
    assert "2021-01-31" in cited["message"]
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text()


def test_the_past_holds_nothing_of_what_came_after(write: Written) -> None:
    now, then = write(), write(CommitmentFilter(cutoff=Cutoff(as_of=date(2020, 12, 31))), "then")
    assert faults(then) == []
    assert [len(rows(folder, "assessments")) for folder in (now, then)] == [3, 2]
    for name in ("measurements", "milestones_reached", "deadline_revisions"):
        assert [len(rows(folder, name)) for folder in (now, then)] == [1, 0]
    assert [row["corrects"] for row in rows(now, "assessments") if row["execution"] == "completed"] == ["1"]
    before = write(CommitmentFilter(cutoff=Cutoff(recorded_by=date(2020, 1, 1))), "before")
    assert rows(before, "assessments") == rows(before, "evidence") == rows(before, "obstacles") == []
    assert faults(before) == []


def test_a_package_of_some_commitments_is_valid_by_itself(write: Written) -> None:
    folder = write(CommitmentFilter(cities=("431000",), executions=(Execution.COMPLETED,)))
    assert faults(folder) == []
    assert [row["code"] for row in rows(folder, "commitments")] == [DUE]
    assert rows(folder, "commitments")[0]["parent"] == ""
    assert {row["commitment"] for row in rows(folder, "commitment_terms")} == {DUE}


def test_only_approved_judgements_are_in_it_where_readers_see_no_others(write: Written) -> None:
    folder = write(CommitmentFilter(cutoff=Cutoff(approved_only=True)))
    assert faults(folder) == []
    assert [row["verdict"] for row in rows(folder, "assessments")] == ["approve"]
    assert {row["commitment"] for row in rows(folder, "searches")} <= {DUE}


def test_no_draft_is_in_it_nor_what_it_is_tied_to(followed: Engine, write: Written) -> None:
    with db.writing(followed, actor=ANALYST) as session:
        draft = session.scalars(select(Commitment).where(Commitment.code == DUE)).one()
        draft.publication_state = PublicationState.DRAFT
    folder = write()
    assert faults(folder) == []
    assert [path.name for path in (folder / "data").iterdir() if DUE in path.read_text()] == []


def test_of_a_text_no_more_is_in_it_than_its_licence_allows(engine: Engine, interviews: Path, tmp_path: Path) -> None:
    files = Path(shutil.copytree(interviews, tmp_path / "seed"))
    path = files / "documents" / "chenzhou-2020.yaml"
    path.write_text(path.read_text().replace("licence: full_text", "licence: metadata_only"))
    with db.writing(engine, actor=seed.ACTOR) as session:
        seed.load(session, files)
    (folder := tmp_path / "package").mkdir()
    key = checkpoints.signing_key(tmp_path / "unused")
    with db.reading(engine) as session:
        datasets.write_folder(session, datasets.edition(session, Scope(), key), folder, key)
    assert faults(folder) == []
    documents = {row["key"]: row for row in rows(folder, "documents")}
    assert [len(documents[key]["text"]) > 0 for key in ("chenzhou-2020", "jingzhou-2020")] == [False, True]
    assert len(documents["chenzhou-2020"]["sha256"]) == 64
    shown = [row for row in rows(folder, "commitments") if row["document"] == "chenzhou-2020"]
    assert {(row["quote"], row["focus"], row["tense_words"], row["deadline_text"]) for row in shown} == {("",) * 4}
    assert "大力开展项目“网上推介”" not in "".join(one.read_text() for one in (folder / "data").iterdir())


def test_no_cell_of_a_package_is_a_formula(write: Written) -> None:
    assert "'=HYPERLINK(1)" in {row["problems"] for row in rows(write(), "assessments")}


# --- SQLite


@pytest.fixture
def opened_file(followed: Engine, tmp_path: Path) -> Path:
    key = checkpoints.signing_key(tmp_path / "unused")
    with db.reading(followed, at_once=True) as session:
        datasets.write_sqlite(session, datasets.edition(session, Scope(), key), tmp_path / "ledger.db")
    return tmp_path / "ledger.db"


def test_the_file_opens_with_tables_keys_views_and_search(opened_file: Path) -> None:
    found = sqlite_utils.Database(opened_file)
    assert {one.name for one in RESOURCES} <= set(found.table_names())
    assert found["commitments"].pks == ["code"]
    assert {key.other_table for key in found["commitments"].foreign_keys} >= {"documents", "turns", "cities"}
    assert list(found.query("PRAGMA foreign_key_check")) == []
    assert list(found.query("PRAGMA integrity_check")) == [{"integrity_check": "ok"}]
    assert {row["code"] for row in found["commitments"].search("有色产业园")} >= {"CZ-2020-21.1"}
    shown = list(found.query("SELECT * FROM commitments_with_status WHERE code = ?", [DUE]))
    assert [(row["execution"], row["execution_zh"], row["city_zh"]) for row in shown] == [
        ("completed", "已完成", "郴州")
    ]
    for view in found.view_names():
        assert list(found[view].rows)
    found.close()


def test_the_sums_of_the_file_are_those_of_its_rows_in_the_canonical_form(opened_file: Path) -> None:
    with closing(driver().connect(str(opened_file))) as found:
        sums = {table: (count, digest) for table, count, digest in found.execute("SELECT * FROM _checksums")}
        assert set(sums) == {one.name for one in RESOURCES}
        for one in RESOURCES:
            order = ", ".join(f'"{name}"' for name in one.key)
            kept = found.execute(f"SELECT * FROM {one.name} ORDER BY {order}").fetchall()
            said = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in kept)
            assert sums[one.name] == (len(kept), hashlib.sha256(said.encode()).hexdigest()), one.name
        said = dict(found.execute("SELECT key, value FROM metadata"))
    assert said["codebook"] == codebook.VERSION
    assert "MIT" in said["licenses"]


def test_datasette_is_told_of_every_table_and_column(opened_file: Path, followed: Engine, tmp_path: Path) -> None:
    with db.reading(followed) as session:
        of = datasets.edition(session, Scope(), checkpoints.signing_key(tmp_path / "unused"))
    tables = datasets.described(of, "ledger")["databases"]["ledger"]["tables"]
    with closing(sqlite_utils.Database(opened_file)) as found:
        assert {one.name for one in RESOURCES} | set(found.view_names()) <= set(tables)
        for one in RESOURCES:
            assert set(tables[one.name]["columns"]) == set(found[one.name].columns_dict)


# --- the command


def test_the_command_writes_a_folder_an_archive_and_a_file_that_are_proved(run: Run, tmp_path: Path) -> None:
    for form, name in (("datapackage", "folder"), ("datapackage", "x.zip"), ("sqlite", "x.db")):
        assert run("export", "--format", form, "--out", str(tmp_path / name)).code == 0
    for name in ("folder/datapackage.json", "x.zip", "x.db"):
        assert run("verify", "--export", str(tmp_path / name)).code == 0
    frictionless_finds = frictionless.Package(str(tmp_path / "x.zip")).validate()
    assert frictionless_finds.valid
    (tmp_path / "folder" / "data" / "terms.csv").write_text("changed")
    answer = run("verify", "--export", str(tmp_path / "folder" / "datapackage.json"))
    assert (answer.code, "data/terms.csv" in answer.text) == (1, True)


def test_a_folder_that_holds_something_is_not_replaced(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    answer = run("export", "--format", "datapackage", "--out", str(tmp_path / "folder"))
    assert "is there already" in refused(answer)
    assert [path.name for path in tmp_path.glob("*") if "folder" in path.name] == ["folder"]
    assert (tmp_path / "folder" / "mine.txt").read_text() == "mine"


def test_two_archives_of_the_same_ledger_hold_the_same_tables(run: Run, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        assert run("export", "--format", "datapackage", "--out", str(tmp_path / name)).code == 0
    first, second = (ZipFile(tmp_path / name) for name in ("a.zip", "b.zip"))
    with first, second:
        tables = [name for name in first.namelist() if name.startswith("data/")]
        assert len(tables) == len(RESOURCES)
        assert [first.read(name) for name in tables] == [second.read(name) for name in tables]
