"""The commands that other people's scripts call: what they print, and what they do with a mistake."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, record
from tracker import cli, db
from tracker.cli import listing, sheets
from tracker.codebook import Execution
from tracker.filters import CommitmentFilter
from tracker.models import AuditEvent, Commitment, StatusAssessment
from tracker.records import FIELDS
from visiting import PASSWORD

CODE = "CZ-2020-21.1"

#: The fields that the contract promises.
CONTRACT = """code city city_code speaker post document question kind secondary_kind parent is_leaf title_zh title_en quote
focus prefix suffix start end tense tense_confidence deadline_text deadline_kind window_start window_end checkability
completion_evidence units terms figures links execution outcome official_claim timeliness effective_on reviewed_up_to
recorded_at disputed next_check""".split()  # noqa: SIM905

FOUND = ["--effective-on", "2020-12-31", "--reviewed-up-to", "2021-01-31", "--summary", "园区已动工"]


@dataclass
class Answer:
    """What a command did."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def records(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text.splitlines()]


Run = Callable[..., Answer]


@pytest.fixture
def anywhere(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs a command."""

    def run(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["tracker", *words])
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Answer(int(stopped.value.code or 0), out, err.decode())

    return run


@pytest.fixture
def run(anywhere: Run, ledger_url: str) -> Run:
    """Runs a command on the ledger as seeded."""
    return lambda *words: anywhere("--database", ledger_url, *words)


def refused(answer: Answer) -> str:
    """The one line that says what is wrong."""
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, b"", 1), answer
    return answer.err


@pytest.mark.parametrize("city", ["郴州", "郴州市", "chenzhou", "Chenzhou", "431000"])
def test_a_city_is_listed_under_each_of_its_names(run: Run, city: str) -> None:
    answer = run("list", "--city", city, "--format", "jsonl")
    assert answer.code == 0
    assert {row["city_code"] for row in answer.records} == {"431000"}
    assert len(answer.records) > 100


def test_the_table_reads_in_chinese_and_english(run: Run) -> None:
    text = run("list", "--city", "荆州").text
    assert "JZ-2020-01" in text
    assert "未核查 Not reviewed" in text
    assert "下半年部署 Second-half plan" in text


def test_a_record_has_every_field_of_the_contract(run: Run) -> None:
    rows = run("list", "--format", "jsonl").records
    assert list(rows[0]) == list(FIELDS)
    assert set(CONTRACT) <= set(FIELDS)


def test_the_quote_of_a_record_is_the_exact_stretch_of_the_document(run: Run, ledger: Engine) -> None:
    rows = run("list", "--format", "jsonl").records
    with Session(ledger) as session:
        texts = {c.document.key: c.document.text for c in session.scalars(select(Commitment))}
    for row in rows:
        text, start, end = texts[str(row["document"])], int(str(row["start"])), int(str(row["end"]))
        assert text[start:end] == row["quote"]
        assert text[max(0, start - 32) : start] == row["prefix"]
        assert text[end : end + 32] == row["suffix"]


def test_filters_narrow_a_list(run: Run) -> None:
    rows = run(
        "list", "--kind", "investment_priority", "--city", "jingzhou", "--limit", "3", "--format", "jsonl"
    ).records
    assert {(row["kind"], row["city"]) for row in rows} == {("investment_priority", "荆州")}
    assert len(rows) == 3
    assert (
        run("list", "--kind", "招商重点行业/项目", "--city", "jingzhou", "--limit", "3", "--format", "jsonl").records
        == rows
    )


def test_overdue_is_listed_as_of_a_day(run: Run) -> None:
    words = ("list", "--timeliness", "overdue", "--format", "jsonl")
    assert run(*words, "--as-of", "2020-12-31").records == []
    assert {row["deadline_text"] for row in run(*words, "--as-of", "2021-01-01").records} == {"全年目标", "如期"}


def test_a_word_that_stands_nowhere_finds_nothing_and_says_so(run: Run) -> None:
    answer = run("list", "--search", "养老")
    assert answer.code == 0
    assert "不见于任何文献" in answer.text
    assert "stands in no document" in answer.text


def test_csv_opens_in_a_spreadsheet(run: Run) -> None:
    answer = run("list", "--city", "郴州", "--format", "csv")
    assert answer.out.startswith(b"\xef\xbb\xbfcode,city,")


def workbook(content: bytes) -> list[tuple[object, ...]]:
    """The rows of the one sheet of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return list(book.worksheets[0].iter_rows(values_only=True))


def test_a_workbook_holds_every_commitment(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"
    assert run("export", "--format", "xlsx", "--out", str(path)).code == 0
    rows = workbook(path.read_bytes())
    assert list(rows[0]) == list(FIELDS)
    assert len(rows) - 1 == len(run("list", "--format", "jsonl").records)


def test_a_listed_workbook_is_the_exported_one(run: Run) -> None:
    assert len(workbook(run("list", "--format", "xlsx", "--limit", "2").out)) == 3


def test_a_follow_up_is_recorded_listed_and_shown(run: Run) -> None:
    answer = run("record", CODE.lower(), "in_progress", *FOUND, "--evidence", PAGE, "--analyst", "李明")
    assert (answer.code, answer.err) == (0, "")
    row = run("list", "--status", "推进中", "--format", "jsonl").records[0]
    assert (row["code"], row["execution"], row["effective_on"]) == (CODE, "in_progress", "2020-12-31")
    shown = run("show", CODE, "--history").text
    assert "园区已动工" in shown
    assert "李明" in shown
    assert PAGE in shown


def test_a_follow_up_is_signed(run: Run, ledger: Engine) -> None:
    run("record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--analyst", "李明")
    with Session(ledger) as session:
        signed = select(AuditEvent.table_name).where(AuditEvent.actor == "李明").distinct()
        assert set(session.scalars(signed)) == {"user", "evidence", "status_assessment", "assessment_evidence"}


def test_a_search_that_found_nothing_is_recorded(run: Run) -> None:
    answer = run(
        "record", CODE, "no_evidence_found", *FOUND, "--searched", "郴州市人民政府网站", "--query", "有色产业园"
    )
    assert answer.code == 0
    assert run("show", CODE).text.count("已查无据") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--city", "长沙"], "荆州 jingzhou 421000"),
        (["list", "--kind", "plans"], "second_half_plan 下半年部署"),
        (["list", "--status", "done"], "completed 已完成"),
        (["list", "--timeliness", "late"], "overdue 逾期"),
        (["list", "--as-of", "2020-13-01"], "2020-12-31"),
        (["list", "--as-of", "20201231"], "2020-12-31"),
        (["list", "--limit", "0"], "0"),
        (["list", "--format", "pdf"], "jsonl"),
        (["show", "CZ-2020-211"], "CZ-2020-21.1"),
        (["show", "XX"], "tracker list"),
        (["coverage", "changsha-2020"], "chenzhou-2020"),
        (["record", "CZ-2020-999", "in_progress", *FOUND, "--evidence", PAGE], "CZ-2020-"),
        (["record", CODE, "finished", *FOUND], "completed 已完成"),
        (["record", CODE, "in_progress", *FOUND], "依据"),
        (["record", CODE, "in_progress", *FOUND, "--evidence", "ftp://example.org"], "https://"),
        (["record", CODE, "completed", *FOUND, "--evidence", PAGE, "--evidence-kind", "announcement"], "planned"),
        (["record", CODE, "stalled", *FOUND, "--evidence", PAGE], "attribution"),
        (["record", CODE, "no_evidence_found", *FOUND], "search"),
        (["record", CODE, "no_evidence_found", *FOUND, "--searched", "x"], "--query"),
        (["record", CODE, "in_progress", *FOUND[:4], "--summary", " ", "--evidence", PAGE], "一句话"),
        (["record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--analyst", " "], "--analyst"),
        (["record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--analyst", "seed"], "--analyst"),
        (["record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--analyst", "陈析\u200b"], "--analyst"),
        (["record", CODE, "in_progress", *FOUND, "--evidence", "http://e.cn:abc/"], "https://"),
        (["record", CODE, "in_progress", *FOUND[2:], "--effective-on", "1948-01-01", "--evidence", PAGE], "1949-10-01"),
        (["record", CODE, "in_progress", *FOUND[:4], "--summary", "长" * 4001, "--evidence", PAGE], "4000"),
        (["record", CODE, "in_progress", "--effective-on", "2020-12-31"], "--reviewed-up-to"),
        (["export", "--format", "csv", "--out", "/nowhere/x.csv"], "/nowhere"),
        (["summary", "--by", "mayor"], "kind"),
        (["nonsense"], "nonsense"),
        (["list", "--city", ""], "chenzhou"),
        (["list", "--search", "长" * 201], "200"),
        (["list", "--limit", "9223372036854775808"], "10000000"),
        (["list", "--as-of", "2020-1-1"], "2020-12-31"),
        (["summary", "--recorded-by", "9999-12-31"], "2020-12-31"),
        (["record", CODE, "no_evidence_found", *FOUND, "--searched", " ", "--query", " "], "检索处"),
        (["record", CODE, "in_progress", *FOUND, "--evidence", "HTTP://a.b/2"], "https://"),
        (["user", "set", "谁", "--role", "admin"], "tracker user list"),
        (["user", "set", "谁"], "--role"),
        (["user", "add", "谁", "--email", "a@b.cn", "--role", "king", "--password", PASSWORD], "admin"),
        (["user", "add", "谁", "--email", "a@b.cn", "--role", "admin", "--password", "short"], "15"),
    ],
)
def test_a_mistake_gets_one_line_and_changes_nothing(run: Run, ledger: Engine, words: list[str], said: str) -> None:
    with Session(ledger) as session:
        before = session.scalar(select(func.max(AuditEvent.id)))
        assert said in refused(run(*words))
        assert session.scalar(select(func.max(AuditEvent.id))) == before
        assert session.scalar(select(func.count()).select_from(StatusAssessment)) == 0


def test_counts_come_with_their_denominators(run: Run) -> None:
    rows = run("summary", "--by", "kind", "--format", "jsonl").records
    for city in ("431000", "421000"):
        held = [row for row in rows if row["city_code"] == city]
        assert sum(int(str(row["count"])) for row in held) == held[0]["of"]
    assert "100.0%" in run("summary").text


def test_the_ledger_verifies_and_covers_every_answer(run: Run) -> None:
    verified = run("verify")
    assert (verified.code, verified.text.count("✗")) == (0, 0), verified.text
    covered = run("coverage", "chenzhou-2020").text.splitlines()
    assert len(covered) == 3
    assert covered[-1].split()[-1] == "0"


def test_a_database_that_is_not_there_is_not_made_by_looking(anywhere: Run, tmp_path: Path) -> None:
    answer = anywhere("--database", f"sqlite:///{tmp_path / 'none.db'}", "list")
    assert "tracker serve" in refused(answer)
    assert list(tmp_path.iterdir()) == []


def test_the_seed_makes_the_database_and_twice_changes_nothing(anywhere: Run, url: str) -> None:
    assert "changed 0" in anywhere("--database", url, "seed").text
    again = anywhere("--database", url, "seed")
    assert (again.code, "added 0" in again.text, "changed 0" in again.text) == (0, True, True)
    assert anywhere("--database", url, "db", "check").code == 0


def test_a_newer_database_is_refused(run: Run, ledger: Engine) -> None:
    with ledger.execution_options(**db.WRITES).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer than this program" in refused(run("list"))
    assert "newer than this program" in refused(run("db", "upgrade"))


def test_accounts_are_made_listed_and_changed(run: Run) -> None:
    made = run(
        "user",
        "add",
        "李明",
        "--email",
        "Li@Example.org",
        "--role",
        "analyst",
        "--password",
        "桂阳县十二个项目网上签约是否落地",
    )
    assert made.code == 0, made.err
    assert "li@example.org" in run("user", "list").text
    assert "已有账户" in refused(
        run("user", "add", "李明", "--email", "l@example.org", "--role", "reader", "--password", PASSWORD)
    )
    assert run("user", "set", "李明", "--role", "reviewer", "--inactive").code == 0
    assert "复核员 Reviewer  不可 no" in run("user", "list").text


def test_the_name_that_signed_before_gets_its_account(run: Run) -> None:
    run("record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--analyst", ANALYST)
    added = run("user", "add", ANALYST, "--email", "t@example.org", "--role", "analyst", "--password", PASSWORD)
    assert added.code == 0, added.err
    assert run("user", "list").text.count(ANALYST) == 1


@pytest.mark.parametrize("address", ["nonsense", "mysql://x/y", "postgresql://", "postgresql://h:abc/x", "sqlite://"])
def test_an_address_of_no_database_is_refused(anywhere: Run, address: str) -> None:
    assert "sqlite:///FILE" in refused(anywhere("--database", address, "list"))


def test_a_database_of_another_program_is_left_alone(anywhere: Run, url: str) -> None:
    with db.connect(url).execution_options(**db.WRITES).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE person (x INTEGER)")
    assert "another program" in refused(anywhere("--database", url, "seed"))


def test_the_history_shows_corrected_assessments_too(run: Run, ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        wrong = record(session, CODE, Execution.COMPLETED)
        record(session, CODE, Execution.IN_PROGRESS, corrects=wrong.id)
    text = run("show", CODE, "--history").text
    assert "已完成 Completed" in text
    assert "已被更正 corrected by № 2" in text


def test_somebody_who_may_only_read_records_nothing(run: Run) -> None:
    run("user", "add", "读者甲", "--email", "r@example.org", "--role", "reader", "--password", PASSWORD)
    assert "needs the role 分析员 analyst" in refused(
        run("record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--analyst", "读者甲")
    )


def test_every_command_is_loaded_from_where_it_is() -> None:
    parts = {path.stem: path for path in Path(cli.__file__).parent.glob("*.py") if "\nCOMMANDS = " in path.read_text()}
    found = {part: tuple(c.name for c in import_module(f"tracker.cli.{part}").COMMANDS) for part in parts}
    assert found == cli._PARTS


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_list_loads_no_command_but_itself(ledger_url: str) -> None:
    code = "import sys\nfrom tracker.cli import tracker\ntracker.main(sys.argv[1:], standalone_mode=False)\nprint(*sys.modules)"
    words = [sys.executable, "-c", code, "--database", ledger_url, "list", "--limit", "1"]
    loaded = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()[-1].split()
    assert "tracker.cli.listing" in loaded
    assert {f"tracker.cli.{part}" for part in cli._PARTS} & set(loaded) == {"tracker.cli.listing"}
    assert not {"flask", "alembic", "waitress", "openpyxl", "yaml", "tracker.records"} & set(loaded)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_long_list_comes_page_by_page_and_counts_all_of_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("list").text
    monkeypatch.setattr(sheets, "_PAGE", 50)
    paged = run("list").text
    codes = re.compile(r"^ *((?:CZ|JZ)-\S+)", re.MULTILINE)
    assert sorted(codes.findall(paged)) == sorted(codes.findall(whole))
    assert paged.splitlines()[-2:] == whole.splitlines()[-2:]
    assert ("续 continued" in paged, "续 continued" in whole) == (True, False)


def test_a_list_is_written_before_all_of_it_is_read(desk: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_PAGE", 50)
    rows = listing._rows(desk, CommitmentFilter(), None)
    assert "Chenzhou" in next(sheets.ledger(rows))
    assert len(list(rows)) == desk.scalar(select(func.count()).select_from(Commitment)) - 50
