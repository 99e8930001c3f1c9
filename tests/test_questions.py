"""The questions analysts ask: each takes in what it must and leaves out what it must not, at any point of time."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, commitment, record, reviewer
from tracker import audit, cli, db, export, questions
from tracker.cli import answers
from tracker.codebook import (
    Confidence,
    DeadlineKind,
    Divergence,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    FigureRole,
    Kind,
    LinkRelation,
    Neglect,
    PublicationState,
    Role,
    Tense,
    UnitBasis,
    UnitRole,
    Verdict,
)
from tracker.findings import Source
from tracker.measurements import measure
from tracker.models import (
    Commitment,
    CommitmentLink,
    CommitmentTerm,
    CommitmentUnit,
    Organisation,
    PolicyDocument,
    StatedFigure,
    StatusAssessment,
)
from tracker.questions import QUESTIONS, Asked
from tracker.reviews import review
from tracker.schedules import revise_deadline
from tracker.standings import Cutoff
from visiting import account, signed_in

#: 全年目标 and 如期脱贫: fall due on 2020-12-31. 下半年: a horizon. 2月21日: the day of an event.
DUE, POVERTY, HORIZON, EVENT = "CZ-2020-17.2", "CZ-2020-23", "CZ-2020-21.4", "CZ-2020-02.1"
#: A head that only groups, and one that promises something itself.
HEAD, COUNTED_HEAD = "CZ-2020-11", "CZ-2020-18"
#: Said twice in one interview.
SAID, SAID_AGAIN = "CZ-2020-03.1", "CZ-2020-07.2"
FIRM = "https://example.org/firm"
PASSWORD = "correct horse battery staple"


def ask(session: Session, name: str, **asked: Any) -> list[dict[str, Any]]:
    return questions.answer(session, QUESTIONS[name], Asked(**asked))


def codes(session: Session, name: str, **asked: Any) -> list[str]:
    return [row["code"] for row in ask(session, name, **asked)]


def judged(session: Session, found: StatusAssessment, verdict: Verdict, **more: Any) -> None:
    review(session, found, verdict, reviewer=reviewer(session), note="依据不足", **more)


def against(origin: EvidenceOrigin, url: str = FIRM) -> Source:
    return Source(url, EvidenceRelation.CONTRADICTS, EvidenceReports.STATISTICS, origin, title="仍是空地")


def for_it(**more: Any) -> Source:
    return Source(PAGE, reports=EvidenceReports.DELIVERY, origin=EvidenceOrigin.OFFICIAL, **more)


def test_a_measure_is_verified_once_somebody_looked_and_a_second_person_approved(desk: Session) -> None:
    source = for_it(title="已建成", published_on=date(2021, 1, 5))
    looked = record(desk, SAID, Execution.COMPLETED, evidence=(source,), now=datetime(2021, 3, 1, tzinfo=UTC))
    rows = ask(desk, "unverified", city_code="431000")
    assert len(rows) == 96
    assert rows[-1]["code"] == SAID
    assert (rows[-1]["evidence_title"], rows[-1]["evidence_url"]) == ("已建成", PAGE)
    assert rows[-1]["evidence_published_on"] == date(2021, 1, 5)
    assert rows[-1]["completion_evidence"]
    assert HEAD not in {row["code"] for row in rows}
    judged(desk, looked, Verdict.APPROVE, now=datetime(2021, 4, 1, tzinfo=UTC))
    assert SAID not in codes(desk, "unverified")
    assert codes(desk, "unverified", cutoff=Cutoff(recorded_by=date(2021, 3, 2)))[-1] == SAID
    assert codes(desk, "unverified", cutoff=Cutoff(as_of=date(2020, 6, 30))).index(SAID) < 10


def test_a_returned_assessment_leaves_no_evidence_behind(desk: Session) -> None:
    judged(desk, record(desk, SAID, Execution.COMPLETED), Verdict.RETURN)
    row = next(row for row in ask(desk, "unverified") if row["code"] == SAID)
    assert (row["execution"], row["evidence_url"]) == (Execution.NOT_REVIEWED, None)


def test_claims_come_firmest_first_then_the_easiest_to_check(desk: Session) -> None:
    rows = ask(desk, "claims")
    assert len(rows) == 20
    assert all(commitment(desk, row["code"]).tense is Tense.CLAIMED_DONE for row in rows)
    order = ["high", "medium", "low"]
    ranks = [(order.index(row["tense_confidence"]), order.index(row["checkability"])) for row in rows]
    assert ranks == sorted(ranks)
    assert all(row["completion_evidence"] for row in rows)


def test_what_falls_due_stands_apart_from_horizons_and_events_are_neither(desk: Session) -> None:
    rows = ask(desk, "due", by=date(2020, 12, 31))
    kinds = [row["falls_due"] for row in rows]
    assert [row["code"] for row in rows[:2]] == [DUE, POVERTY]
    assert kinds == [DeadlineKind.COMPLETION] * 2 + [DeadlineKind.HORIZON] * (len(rows) - 2)
    assert HORIZON in {row["code"] for row in rows[2:]}
    assert EVENT not in {row["code"] for row in rows}
    assert ask(desk, "due", by=date(2020, 12, 30)) == ask(desk, "due", cutoff=Cutoff(as_of=date(2020, 12, 30))) == []


def test_a_deadline_that_was_moved_falls_due_later(desk: Session) -> None:
    analyst, day = audit.signer(desk, ANALYST), date(2021, 1, 8)
    moved = {"until": date(2021, 12, 31), "text": "延期至", "announced_on": day, "source": for_it(), "analyst": analyst}
    revise_deadline(desk, commitment(desk, DUE), **moved)  # type: ignore[arg-type]
    revise_deadline(desk, commitment(desk, HORIZON), kind=DeadlineKind.HORIZON, **moved)  # type: ignore[arg-type]
    by = date(2020, 12, 31)
    assert not {DUE, HORIZON} & set(codes(desk, "due", by=by))
    assert {DUE, HORIZON} <= set(codes(desk, "due", by=by, cutoff=Cutoff(as_of=day - timedelta(days=1))))
    later = {row["code"]: row for row in ask(desk, "due", by=date(2021, 12, 31))}
    assert (later[DUE]["ends_on"], later[DUE]["slippage_days"]) == (date(2021, 12, 31), 365)
    assert later[HORIZON]["falls_due"] is DeadlineKind.HORIZON


def test_what_nobody_looked_at_lately_says_why(desk: Session) -> None:
    today = datetime.now().astimezone().date()
    record(desk, SAID, Execution.COMPLETED, now=datetime(2021, 3, 1, tzinfo=UTC))
    record(desk, DUE, Execution.COMPLETED)
    record(desk, HORIZON, Execution.COMPLETED)
    commitment(desk, HORIZON).next_check = today - timedelta(days=1)
    desk.flush()
    why = {row["code"]: row["why"] for row in ask(desk, "stale")}
    assert (why[EVENT], why[HORIZON], why[SAID]) == (Neglect.NEVER_LOOKED, Neglect.PAST_NEXT_CHECK, Neglect.LONG_AGO)
    assert DUE not in why
    assert codes(desk, "stale")[-2:] == [HORIZON, SAID]
    then = Cutoff(as_of=date(2021, 3, 31))
    assert SAID not in codes(desk, "stale", days=30, cutoff=then)
    assert SAID in codes(desk, "stale", days=29, cutoff=then)
    before = Cutoff(recorded_by=date(2021, 2, 28))
    assert {row["code"]: row["why"] for row in ask(desk, "stale", cutoff=before)}[SAID] is Neglect.NEVER_LOOKED


def test_all_parks_and_no_heading(desk: Session) -> None:
    rows = ask(desk, "parks")
    assert len(rows) == 11
    assert HEAD not in {row["code"] for row in rows}
    assert {"CZ-2020-21.1", "JZ-2020-10.3"} <= {row["code"] for row in rows}
    assert {row["basis"] for row in rows} >= {"explicit"}


def test_all_policy_documents_with_and_without_a_commitment(desk: Session) -> None:
    city = commitment(desk, SAID).jurisdiction_id
    desk.add(PolicyDocument(jurisdiction_id=city, title="还没有人对上的文件"))
    desk.flush()
    record(desk, "CZ-2020-09.2", Execution.COMPLETED)
    rows = {row["title"]: row for row in ask(desk, "policies")}
    assert len(rows) == 4
    assert rows["还没有人对上的文件"]["code"] is None
    assert rows["“72条”干货政策"]["execution"] is Execution.COMPLETED
    assert len(ask(desk, "policies", city_code="421000")) == 2


def test_every_target_and_claim_stands_beside_what_was_found(desk: Session) -> None:
    figure = desk.scalars(select(StatedFigure).where(StatedFigure.value == 41)).one()
    analyst = audit.signer(desk, ANALYST)
    measure(desk, figure, 38, as_of=date(2021, 6, 30), source=for_it(), analyst=analyst)
    row = next(row for row in ask(desk, "stated-found") if row["value"] == 41)
    assert (row["found"], row["difference"], row["found_as_of"]) == (38, -3, date(2021, 6, 30))
    assert row["found_share"] == pytest.approx(38 / 41)
    assert row["found_in"] == PAGE
    earlier = ask(desk, "stated-found", cutoff=Cutoff(as_of=date(2021, 1, 1)))
    assert next(row for row in earlier if row["value"] == 41)["found"] is None
    assert len(earlier) == 14
    assert {row["role"] for row in earlier} <= {FigureRole.TARGET, FigureRole.CLAIM}


def test_repeats_are_told_while_their_statuses_differ(desk: Session) -> None:
    assert ask(desk, "differing-repeats") == []
    record(desk, SAID, Execution.COMPLETED)
    maybe = sorted((commitment(desk, EVENT).id, commitment(desk, SAID).id))
    desk.add(CommitmentLink(a_id=maybe[0], b_id=maybe[1], relation=LinkRelation.POSSIBLY_SAME_AS))
    desk.flush()
    rows = ask(desk, "differing-repeats", city_code="431000")
    assert [row["relation"] for row in rows] == [LinkRelation.REPEATS, LinkRelation.POSSIBLY_SAME_AS]
    assert {rows[0]["code"], rows[0]["other_code"]} == {SAID, SAID_AGAIN}
    assert {rows[0]["execution"], rows[0]["other_execution"]} == {Execution.COMPLETED, Execution.NOT_REVIEWED}
    assert ask(desk, "differing-repeats", city_code="421000") == []
    record(desk, SAID_AGAIN, Execution.COMPLETED)
    assert len(ask(desk, "differing-repeats")) == 1


def test_low_confidence_readings_say_what_is_doubted(desk: Session) -> None:
    rows = ask(desk, "doubtful")
    assert len(rows) == 7
    assert all(row["tense_note_zh"] for row in rows)
    commitment(desk, "CZ-2020-16.1").tense_confidence = Confidence.HIGH
    desk.flush()
    assert "CZ-2020-16.1" not in codes(desk, "doubtful")
    assert "JZ-2020-24" not in codes(desk, "doubtful")  # a head that only groups


def test_heads_that_no_part_covers_are_heads(desk: Session) -> None:
    rows = {row["code"]: row for row in ask(desk, "uncovered-heads")}
    assert len(rows) == 7
    assert rows[COUNTED_HEAD]["parts"] == 3
    assert HEAD not in rows


def test_a_row_without_a_unit_leaves_the_list_when_it_gets_one(desk: Session) -> None:
    assert SAID in codes(desk, "unitless")
    assert EVENT not in codes(desk, "unitless")  # 桂阳县
    unit = desk.scalars(select(Organisation)).first()
    assert unit is not None
    row = commitment(desk, SAID)
    desk.add(
        CommitmentUnit(commitment_id=row.id, organisation_id=unit.id, role=UnitRole.LEAD, basis=UnitBasis.ASSIGNED)
    )
    desk.flush()
    assert SAID not in codes(desk, "unitless")


def test_an_official_claim_ahead_of_the_finding_diverges(desk: Session) -> None:
    claimed = {"evidence": (for_it(title="市政府工作报告"),), "official_claim": Execution.COMPLETED}
    record(desk, SAID, Execution.IN_PROGRESS, **claimed)
    record(desk, SAID_AGAIN, Execution.COMPLETED, **claimed)
    record(desk, EVENT, Execution.NOT_ASSESSABLE, **claimed)
    rows = ask(desk, "divergences")
    assert [row["code"] for row in rows] == [SAID]
    assert (rows[0]["divergence"], rows[0]["official_claim"]) == (Divergence.CLAIM_AHEAD, Execution.COMPLETED)
    assert (rows[0]["claim_source"], rows[0]["execution"]) == ("市政府工作报告", Execution.IN_PROGRESS)


def test_evidence_of_others_against_it_diverges_and_that_of_the_city_does_not(desk: Session) -> None:
    def found(code: str, status: Execution, origin: EvidenceOrigin) -> None:
        sources = (for_it(), against(origin, f"{FIRM}/{code}"))
        record(desk, code, status, evidence=sources, official_claim=Execution.COMPLETED)

    found(SAID, Execution.COMPLETED, EvidenceOrigin.OFFICIAL)
    found(SAID_AGAIN, Execution.COMPLETED, EvidenceOrigin.COMPANY)
    found(DUE, Execution.IN_PROGRESS, EvidenceOrigin.INDEPENDENT)
    rows = {row["code"]: row for row in ask(desk, "divergences")}
    assert {code: row["divergence"] for code, row in rows.items()} == {
        SAID_AGAIN: Divergence.CONTRADICTED,
        DUE: Divergence.CLAIM_AHEAD_AND_CONTRADICTED,
    }
    assert (rows[DUE]["against"], rows[DUE]["against_origin"]) == ("仍是空地", EvidenceOrigin.INDEPENDENT)
    assert rows[DUE]["against_url"] == f"{FIRM}/{DUE}"


def test_disputed_rows_show_the_evidence_on_both_sides(desk: Session) -> None:
    record(desk, SAID, Execution.COMPLETED, evidence=(for_it(title="已建成"), against(EvidenceOrigin.OFFICIAL)))
    record(desk, DUE, Execution.COMPLETED)
    rows = ask(desk, "disputed")
    assert [(row["code"], row["supporting"], row["against"]) for row in rows] == [(SAID, "已建成", "仍是空地")]
    assert ask(desk, "disputed", cutoff=Cutoff(as_of=date(2020, 6, 30))) == []


def test_one_sector_is_followed_across_the_cities(desk: Session) -> None:
    rows = ask(desk, "sector", sector="nonferrous-metals")
    assert {row["city"] for row in rows} == {"郴州"}
    term = desk.scalars(
        select(CommitmentTerm).where(CommitmentTerm.commitment_id == commitment(desk, rows[0]["code"]).id)
    )
    nonferrous = next(tie for tie in term if tie.term.code == "nonferrous-metals")
    for code in ("JZ-2020-10.3", "JZ-2020-24"):  # the second only groups
        row = commitment(desk, code)
        desk.add(CommitmentTerm(commitment_id=row.id, term_id=nonferrous.term_id, basis=nonferrous.basis))
    desk.flush()
    assert codes(desk, "sector", sector="nonferrous-metals") == ["JZ-2020-10.3", *(row["code"] for row in rows)]
    assert ask(desk, "sector") == []


def test_what_awaits_review_has_been_looked_at_and_not_judged(desk: Session) -> None:
    record(desk, SAID, Execution.COMPLETED, now=datetime(2021, 3, 1, tzinfo=UTC))
    record(desk, DUE, Execution.COMPLETED, now=datetime(2021, 2, 1, tzinfo=UTC))
    rows = ask(desk, "awaiting-review")
    assert [(row["code"], row["analyst"]) for row in rows] == [(DUE, ANALYST), (SAID, ANALYST)]
    for found in desk.scalars(select(StatusAssessment)):
        judged(desk, found, Verdict.APPROVE if found.commitment.code == DUE else Verdict.RETURN)
    assert ask(desk, "awaiting-review") == []
    assert codes(desk, "awaiting-review", cutoff=Cutoff(recorded_by=date(2021, 2, 2))) == [DUE]


def test_a_returned_assessment_waits_until_somebody_records_again(desk: Session) -> None:
    returned = record(desk, SAID, Execution.COMPLETED)
    judged(desk, record(desk, DUE, Execution.COMPLETED), Verdict.APPROVE)
    judged(desk, returned, Verdict.RETURN)
    rows = ask(desk, "returned")
    assert [(row["code"], row["note"], row["analyst"]) for row in rows] == [(SAID, "依据不足", ANALYST)]
    assert (rows[0]["returned_execution"], rows[0]["execution"]) == (Execution.COMPLETED, Execution.NOT_REVIEWED)
    record(desk, SAID, Execution.IN_PROGRESS)
    assert ask(desk, "returned") == []


def test_an_assessment_that_was_approved_after_all_is_not_returned(desk: Session) -> None:
    found = record(desk, SAID, Execution.COMPLETED)
    judged(desk, found, Verdict.RETURN)
    judged(desk, found, Verdict.APPROVE)
    assert ask(desk, "returned") == []


def test_every_question_keeps_to_its_city_and_kind(desk: Session) -> None:
    for name, question in QUESTIONS.items():
        narrowed: dict[str, Any] = {"city_code": "421000", "kind": Kind.SECOND_HALF_PLAN, "sector": "nonferrous-metals"}
        for code in {code for code in codes(desk, name, **narrowed) if code}:
            row = commitment(desk, code)
            assert "city" not in question.parameters or row.jurisdiction.code == "421000"
            assert "kind" not in question.parameters or row.kind is Kind.SECOND_HALF_PLAN


def test_no_question_tells_of_a_draft(desk: Session) -> None:
    record(desk, SAID, Execution.IN_PROGRESS, evidence=(for_it(), against(EvidenceOrigin.COMPANY)))
    judged(desk, record(desk, "CZ-2020-21.1", Execution.COMPLETED), Verdict.RETURN)
    for row in desk.scalars(select(Commitment)):
        row.publication_state = PublicationState.DRAFT
    desk.flush()
    for name in QUESTIONS:
        assert not {code for code in codes(desk, name, sector="nonferrous-metals") if code}


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(cli.tracker, ["--database", url, *words])


@pytest.fixture
def analyst(opened: Callable[..., Flask], ledger: Engine, ledger_url: str) -> FlaskClient:
    """The browser of a reader who is signed in at the desk."""
    with db.writing(ledger, actor="测试") as session:
        account(session, "某读者", Role.READER)
    return signed_in(opened(ledger_url), "某读者")


def test_every_question_answers_in_every_format_and_at_the_desk(
    ledger: Engine, ledger_url: str, analyst: FlaskClient
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        sources = (for_it(title="=1+1"), against(EvidenceOrigin.COMPANY))
        record(session, SAID, Execution.IN_PROGRESS, evidence=sources, official_claim=Execution.COMPLETED)
        judged(session, record(session, "CZ-2020-21.1", Execution.COMPLETED), Verdict.RETURN)
    index = analyst.get("/desk/questions/").text
    for number, (name, question) in enumerate(QUESTIONS.items()):
        sector = bool(question.required)
        with db.reading(ledger) as session:
            rows = questions.answer(session, question, Asked(sector="nonferrous-metals"))
        assert rows, name
        assert list(rows[0]) == question.names()
        written = {form: io.BytesIO() for form in ("csv", "jsonl", "xlsx")}
        assert {export.write(iter(rows), form, out) for form, out in written.items()} == {len(rows)}
        told = "\n".join(answers.answered(question, rows)) + "\n"
        form = ("csv", "jsonl", "table")[number % 3]
        by_hand = run(ledger_url, "ask", name, *(["--sector", "有色金属"] if sector else []), "--format", form)
        assert by_hand.stdout_bytes == (told.encode() if form == "table" else written[form].getvalue())
        assert told.endswith(f"\n共 {len(rows)} 行 / {len(rows)} rows\n")
        page = analyst.get(f"/desk/questions/{name}?lang=en" + ("&sector=nonferrous-metals" if sector else "")).text
        assert f"{len(rows)} rows" in page
        assert all(row["code"] in page for row in rows if row["code"])
        assert f"tracker ask {name}" in page
        assert sector or re.search(
            rf'href="/desk/questions/{name}"[^~]*?<span class="number">{len(rows)}</span>', index
        )


def test_a_question_is_one_command(ledger_url: str) -> None:
    words = ["ask", "due", "--city", "chenzhou", "--by", "2020-12-31", "--limit", "1", "--format"]
    assert [json.loads(line)["code"] for line in run(ledger_url, *words, "jsonl").stdout.splitlines()] == [DUE]
    assert run(ledger_url, *words, "xlsx").stdout_bytes.startswith(b"PK")


def test_without_a_name_the_questions_are_listed(ledger_url: str) -> None:
    listed = run(ledger_url, "ask").stdout
    assert all(name in listed and question.sentence_en in listed for name, question in QUESTIONS.items())


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["nothing"], "unverified, claims"),
        (["sector"], "nonferrous-metals 有色金属"),
        (["sector", "--sector", "x"], "nonferrous-metals 有色金属"),
        (["sector", "--sector", "big-data", "--city", "郴州"], "--sector, --kind"),
        (["due", "--days", "3"], "--city, --kind, --by"),
        (["due", "--by", "tomorrow"], "2020-12-31"),
        (["stale", "--days", "-1"], "0<=x<=36500"),
        (["due", "--city", "长沙"], "郴州 chenzhou 431000"),
        (["--city", "郴州"], "tracker ask"),
    ],
)
def test_a_wrong_or_missing_parameter_is_refused_with_what_is_allowed(
    words: list[str], allowed: str, ledger_url: str
) -> None:
    answer = run(ledger_url, "ask", *words)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert allowed in answer.stderr


def test_a_saved_view_downloads_just_its_rows_and_runs_nothing(
    ledger: Engine, ledger_url: str, analyst: FlaskClient
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, SAID, Execution.COMPLETED, evidence=(for_it(title="=1+1"),))
    given = "?city=431000&kind=&as_of=2021-01-31&recorded_by="
    answer = analyst.get(f"/desk/questions/awaiting-review{given}&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["code"], row["evidence_title"]) for row in rows] == [(SAID, "'=1+1")]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="awaiting-review.csv"'
    page = analyst.get(f"/desk/questions/awaiting-review{given}").text
    command = ["ask", "awaiting-review", "--city", "郴州", "--as-of", "2021-01-31"]
    assert f"tracker {' '.join(command)}" in page.replace("&#39;", "").replace("'", "")
    assert run(ledger_url, *command, "--format", "csv").stdout_bytes == answer.data


#: Addresses of the desk that name what is not there.
UNKNOWN = [
    "due?by=20201231",
    "due?by=tomorrow",
    "due?days=3",
    "due?city=430100",
    "stale?days=-1",
    "stale?days=36501",
    "sector?sector=x",
    "sector?format=csv",
    "claims?format=pdf",
    "claims?kind=x",
    "claims?as_of=0001-01-01",
    "duban",
    "duban?city=430100",
    "duban?city=431000&kind=x",
]


def test_the_desk_refuses_what_it_does_not_understand(analyst: FlaskClient) -> None:
    for address in UNKNOWN:
        assert analyst.get(f"/desk/questions/{address}").status_code == 400, address


def test_a_question_that_nobody_asks_is_not_there(analyst: FlaskClient) -> None:
    assert analyst.get("/desk/questions/nothing").status_code == 404
    assert "请先选行业" in analyst.get("/desk/questions/sector?sector=").text
