"""The commands that follow a commitment up: everything that the desk records can be typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from following import PAGE, REVIEWER, reviewer
from test_cli import CODE, FOUND, Run, anywhere, refused, run
from tracker import db
from tracker.codebook import DeadlineKind
from tracker.models import Base, Commitment, StatedFigure, StatusAssessment, guards

__all__ = ["anywhere", "run"]

WHOLE = [
    "--evidence", PAGE, "--evidence-kind", "delivery", "--evidence-origin", "party_media",
    "--against", PAGE + "a", "--context", PAGE + "b", "--excerpt", "五个项目已动工", "--outcome", "partly_achieved",
    "--official-claim", "completed", "--claim-source", PAGE + "a", "--progress", "主体封顶", "--problems", "用地未批",
    "--next-steps", "看年底竣工数", "--share", "62.5", "--confidence", "medium", "--summary-en", "Work has begun",
    "--precision", "year", "--next-check", "2027-01-31",
]  # fmt: skip


@pytest.fixture
def second(ledger: Engine) -> str:
    """The name of somebody who may review."""
    with db.writing(ledger, actor="admin") as session:
        return reviewer(session).name


def shown(run: Run, code: str, *words: str) -> dict[str, object]:
    return next(row for row in run("list", "--format", "jsonl", *words).records if row["code"] == code)


def test_a_whole_assessment_can_be_typed(run: Run) -> None:
    assert run("record", CODE, "in_progress", *FOUND, *WHOLE).code == 0
    row = shown(run, CODE)
    assert (row["execution"], row["outcome"], row["official_claim"]) == ("in_progress", "partly_achieved", "completed")
    assert (row["progress"], row["problems"], row["next_steps"]) == ("主体封顶", "用地未批", "看年底竣工数")
    assert (row["progress_share"], row["confidence"], row["effective_precision"]) == (0.625, "medium", "year")
    assert (row["disputed"], row["summary_en"], row["next_check"]) == (True, "Work has begun", "2027-01-31")
    said = run("show", CODE, "--history").text
    assert "来源说法不一" in said
    assert "推进中 In progress · 2020\n" in said
    assert f"相悖 Contradicts: {PAGE}a" in said


def test_a_second_person_reviews_and_the_author_does_not(run: Run, second: str) -> None:
    run("record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--analyst", "甲")
    assert "provisional" in run("show", CODE).text
    assert "须有复核员角色" in refused(run("review", "1", "approve", "--analyst", "甲"))
    assert "退回须写明理由" in refused(run("review", "1", "return", "--analyst", second))
    assert run("review", "1", "approve", "--analyst", second).code == 0
    assert shown(run, CODE)["verdict"] == "approve"
    run("review", "1", "return", "--note", "所引文章未提动工", "--analyst", second)
    assert shown(run, CODE)["execution"] == "not_reviewed"
    assert f"退回 Returned · {REVIEWER}" in run("show", CODE, "--history").text


def test_stated_and_found_stand_side_by_side(run: Run, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        number = session.scalars(select(StatedFigure.id).where(StatedFigure.value == 41)).one()
    done = run(
        "measure", str(number), "38", "--as-of", "2021-06-30", "--evidence", PAGE, "--evidence-kind", "statistics"
    )
    assert "38 / 41" in done.text
    figures = shown(run, "JZ-2020-21.2")["figures"]
    assert isinstance(figures, list)
    assert [(f["value"], f["found"], f["difference"]) for f in figures if f["found"] is not None] == [(41, 38, -3)]


def test_a_deadline_is_moved_and_a_milestone_reached(run: Run) -> None:
    moved = ["--until", "2021-06-30", "--text", "明年六月底前", "--announced-on", "2020-12-20", "--evidence", PAGE]
    assert run("revise-deadline", "CZ-2020-17.2", *moved).code == 0
    assert "推后 181 天" in run("show", "CZ-2020-17.2", "--as-of", "2021-01-10").text
    assert run("milestone", "add", CODE, "封顶", "--planned-on", "2021-03-01", "--evidence", PAGE).code == 0
    assert run("milestone", "reach", "1", "--reached-on", "2021-03-11", "--evidence", PAGE).code == 0
    assert "2021-03-01 → 2021-03-11 (+10 天 days)" in run("show", CODE).text


def test_a_page_is_kept_under_its_hash(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>五个项目已动工</p>", encoding="utf-8")
    assert "record it first" in refused(run("archive", PAGE, str(page)))
    run("record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--excerpt", "五个项目已动工")
    assert len(run("archive", PAGE, str(page)).text.split()[3]) == 64
    page.write_text("<p>没有这样的话</p>", encoding="utf-8")
    assert "does not stand in this file" in refused(run("archive", PAGE, str(page)))
    assert run("verify").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["review", "99", "approve"], "no assessment № 99"),
        (["measure", "9999", "1", "--as-of", "2021-01-01", "--evidence", PAGE], "no stated figure"),
        (["measure", "1", "nan", "--as-of", "2021-01-01", "--evidence", PAGE], "give a number"),
        (["measure", "1", "1", "--as-of", "2999-01-01", "--evidence", PAGE], "lies between"),
        (["milestone", "reach", "7", "--reached-on", "2021-01-01", "--evidence", PAGE], "no milestone"),
        (["milestone", "add", CODE, " ", "--planned-on", "2021-01-01", "--evidence", PAGE], "say what the step is"),
        (["revise-deadline", CODE, "--until", "2019-01-01", "--text", "x", "--announced-on", "2021-01-01",
          "--evidence", PAGE], "before the window begins"),
        (["revise-deadline", CODE, "--until", "2021-12-31", "--text", "x", "--announced-on", "2021-01-01",
          "--evidence", "ftp://x", "--kind", "none"], "completion date or a horizon"),
        (["record", CODE, "in_progress", *FOUND, "--evidence", PAGE, "--official-claim", "completed",
          "--claim-source", PAGE + "z"], "not among the evidence"),
        (["record", CODE, "not_reviewed", *FOUND, "--excerpt", "x"], "goes with --evidence"),
        (["export", "--format", "csv", "--out", "x.csv", "--scheme", "stars"], "allowed: politifact"),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_line_and_leaves_no_history(
    run: Run, ledger: Engine, words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused(run(*words))
    with db.reading(ledger) as session:
        for table in set(guards.APPEND_ONLY) - {"source_document", "turn", "passage", "audit_event", "chain_entry"}:
            assert session.scalar(select(func.count()).select_from(Base.metadata.tables[table])) == 0
    assert list(tmp_path.glob("*.csv")) == []


def test_shares_come_with_every_denominator_and_the_band_of_the_unknown(run: Run) -> None:
    run("record", CODE, "completed", *FOUND, "--evidence", PAGE)
    chenzhou = run("summary", "--by", "completion", "--format", "jsonl").records[0]
    assert (chenzhou["completed"], chenzhou["of_all"], chenzhou["of_reviewed"]) == (1, 96, 1)
    assert (chenzhou["lowest"], chenzhou["highest"]) == (1, 96)
    assert (chenzhou["completed_due"], chenzhou["of_due"]) == (0, 2)
    table = run("summary", "--by", "completion").text
    assert "1.0% – 100.0%" in table
    assert "可核查 of the checkable" in table


def test_a_status_is_exported_in_the_terms_of_another_scheme(run: Run, tmp_path: Path) -> None:
    run("record", CODE, "completed", *FOUND, "--evidence", PAGE)
    out = tmp_path / "all.jsonl"
    assert run("export", "--format", "jsonl", "--out", str(out), "--scheme", "politifact").code == 0
    rows = {row["code"]: row for row in map(json.loads, out.read_text().splitlines())}
    assert (rows[CODE]["scheme_status"], rows[CODE]["scheme_match"]) == ("promise-kept", "broad")


def test_the_past_is_exported_as_it_stood(run: Run, tmp_path: Path) -> None:
    run("record", CODE, "completed", *FOUND, "--evidence", PAGE)
    out = tmp_path / "then.jsonl"
    for day, status in (("2020-12-30", "not_reviewed"), ("2020-12-31", "completed")):
        assert run("export", "--format", "jsonl", "--out", str(out), "--as-of", day).code == 0
        rows = {row["code"]: row["execution"] for row in map(json.loads, out.read_text().splitlines())}
        assert rows[CODE] == status
    assert run("export", "--format", "jsonl", "--out", str(out), "--recorded-by", "2021-01-01").code == 0
    assert '"completed"' not in out.read_text()


def test_the_last_day_of_a_horizon_moves_without_making_it_due(run: Run, ledger: Engine) -> None:
    with db.reading(ledger) as session:
        row = session.scalars(select(Commitment).where(Commitment.code == CODE)).one()
        assert row.deadline_kind is DeadlineKind.HORIZON
        assert session.scalar(select(func.count()).select_from(StatusAssessment)) == 0
    moved = ["--until", "2021-06-30", "--text", "延至", "--announced-on", "2020-12-20", "--evidence", PAGE]
    assert run("revise-deadline", CODE, *moved, "--kind", "horizon").code == 0
    assert shown(run, CODE, "--as-of", "2022-01-01")["timeliness"] == "no_deadline"


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_an_export_holds_what_a_list_asked_the_same_way_shows(run: Run, tmp_path: Path, form: str) -> None:
    asked = ["--city", "郴州", "--kind", "investment_priority", "--search", "产业", "--as-of", "2021-01-31"]
    asked += ["--status", "not_reviewed", "--timeliness", "no_deadline", "--recorded-by", "2021-01-31"]
    assert run("export", "--format", form, "--out", str(tmp_path / "some"), *asked).code == 0
    listed = run("list", "--format", form, *asked)
    assert (tmp_path / "some").read_bytes() == listed.out
    assert 0 < len(run("list", "--format", "jsonl", *asked).records) < 30


def test_an_export_of_what_no_city_is_leaves_no_file(run: Run, tmp_path: Path) -> None:
    answer = run("export", "--format", "csv", "--city", "长沙", "--out", str(tmp_path / "x.csv"))
    assert (answer.code, "is no city" in answer.err, list(tmp_path.glob("x*"))) == (2, True, [])
