"""Many rows go in at once: signed and chained like any, with what is stored of them, and past no guard."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from following import ANALYST, commitment, record
from tracker import audit, chain, codebook, db, stored
from tracker.codebook import (
    AuditAction,
    Checkability,
    Confidence,
    DeadlineKind,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Kind,
    Tense,
    Verdict,
)
from tracker.loading import Load, loading
from tracker.models import AuditEvent, ChainEntry, Commitment, CurrentStanding, Evidence, Organisation, StatusAssessment
from tracker.search import holds
from tracker.verification import verify

DAY = date(2021, 3, 1)
AT = datetime(2021, 3, 2, 9, tzinfo=UTC)


def faults(session: Session) -> list[str]:
    return [f"{check.en}: {fault}" for check in verify(session) for fault in check.faults]


def promised(load: Load, like: Commitment, *, title: str) -> dict[str, Any]:
    """A commitment in the words of another, as a row."""
    (number,) = load.numbers("commitment", 1)
    return {
        "id": number, "code": f"NEW-{number}", "document_id": like.document_id, "passage_id": like.passage_id,
        "turn_id": like.turn_id, "parent_id": like.id, "jurisdiction_id": like.jurisdiction_id, "position": 900 + number, "title_zh": title,
        "title_en": "New", "kind": Kind.OTHER, "tense": Tense.PLANNED, "tense_confidence": Confidence.HIGH,
        "tense_words": like.tense_words, "deadline_kind": DeadlineKind.NONE, "checkability": Checkability.HIGH,
        "completion_zh": "建成", "completion_en": "built",
    }  # fmt: skip


def followed(load: Load, number: int, *, analyst: int, **said: Any) -> dict[str, list[dict[str, Any]]]:
    """An assessment of a commitment with the page that it cites, as rows."""
    (page,), (judged,) = load.numbers("evidence", 1), load.numbers("status_assessment", 1)
    return {
        "evidence": [
            {"id": page, "url": "https://example.org/é", "title": "开工“1”期\n二", "reports": EvidenceReports.START,
             "published_on": DAY}
        ],
        "assessment_evidence": [
            {"assessment_id": judged, "evidence_id": page, "relation": EvidenceRelation.SUPPORTS}
        ],
        "status_assessment": [
            {"id": judged, "commitment_id": number, "execution": Execution.IN_PROGRESS, "effective_on": DAY,
             "recorded_at": AT, "reviewed_up_to": DAY, "summary": "开工", "analyst_id": analyst,
             "progress_share": 0.5, "codebook_version": codebook.VERSION, **said}
        ],
    }  # fmt: skip


def test_a_load_is_signed_chained_and_found_and_stands_as_its_history_says(ledger: Engine, analyst_id: int) -> None:
    with db.writing(ledger, actor=ANALYST) as session, loading(session.connection(), ANALYST) as load:
        row = promised(load, commitment(session, "CZ-2020-01"), title="新建测试幼儿园")
        load.put({"commitment": [row], **followed(load, row["id"], analyst=analyst_id)})
        judged = session.scalars(select(func.max(StatusAssessment.id))).one()
        load.put({"review": [{"id": load.numbers("review", 1)[0], "assessment_id": judged, "recorded_at": AT,
                              "verdict": Verdict.APPROVE, "reviewer_id": audit.signer(session, "复核").id}]})  # fmt: skip
    with db.reading(ledger) as session:
        assert faults(session) == []
        stands = select(CurrentStanding.execution, CurrentStanding.verdict).join(Commitment).where(
            Commitment.code == row["code"]
        )  # fmt: skip
        assert [tuple(one) for one in session.execute(stands)] == [(Execution.IN_PROGRESS, Verdict.APPROVE)] * 2
        found = select(Commitment.code).where(holds("测试幼儿园"))
        assert list(session.scalars(found)) == [row["code"]]
        signed = select(AuditEvent.actor).where(
            AuditEvent.table_name == "commitment", AuditEvent.row_key == str(row["id"])
        )
        assert list(session.scalars(signed)) == [ANALYST]
    # The next row takes the next number, whoever writes it.
    with db.writing(ledger, actor=ANALYST) as session:
        assert commitment(session, "CZ-2020-02").id < row["id"]
        session.add(Organisation(code="n", kind=codebook.OrganisationKind.OTHER, name_zh="新", name_en="n"))


def test_an_event_of_a_load_is_what_a_session_would_have_signed(ledger: Engine, analyst_id: int) -> None:
    with db.writing(ledger, actor=ANALYST) as session, loading(session.connection(), ANALYST) as load:
        row = promised(load, commitment(session, "CZ-2020-01"), title="甲")
        load.put({"commitment": [row], **followed(load, row["id"], analyst=analyst_id)})
    with db.reading(ledger) as session:
        for model, key in ((StatusAssessment, None), (Commitment, row["id"])):
            number = key or session.scalar(select(func.max(model.id)))
            assert str(number) not in audit.unsigned(session, model)


def test_what_a_guard_refuses_no_load_brings_in(ledger: Engine, analyst_id: int) -> None:
    def load_it(**said: Any) -> None:
        with db.writing(ledger, actor=ANALYST) as session, loading(session.connection(), ANALYST) as load:
            number = commitment(session, "CZ-2020-01").id
            rows = followed(load, number, analyst=analyst_id, **said)
            load.put({"status_assessment": rows["status_assessment"]} if not said else rows)

    with db.reading(ledger) as session:
        before = session.scalar(select(func.max(AuditEvent.id)))
    with pytest.raises(DBAPIError, match="rests on evidence that supports it"):
        load_it()
    with pytest.raises(DBAPIError, match="its cut-off is not after it was written down"):
        load_it(reviewed_up_to=date(2021, 4, 1))
    with pytest.raises(DBAPIError, match="a_halt_has_a_reason"):
        load_it(execution=Execution.STALLED)
    with db.reading(ledger) as session:
        assert session.scalar(select(func.max(AuditEvent.id))) == before
        assert stored.missing(session.connection()) == []


def test_a_load_that_fails_leaves_nothing_and_every_trigger_in_force(ledger: Engine) -> None:
    def fail(load: Load, like: Commitment) -> None:
        load.put({"commitment": [promised(load, like, title="乙")]})
        raise ZeroDivisionError

    with (
        pytest.raises(ZeroDivisionError),
        db.writing(ledger, actor=ANALYST) as session,
        loading(session.connection(), ANALYST) as load,
    ):
        fail(load, commitment(session, "CZ-2020-01"))
    with db.reading(ledger) as session:
        assert session.scalar(select(func.count()).where(Commitment.title_zh == "乙")) == 0
        assert faults(session) == []


def test_a_change_beside_a_load_is_kept_and_chained_too(ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        first = commitment(session, "CZ-2020-01")
        first.title_zh = "改过的题目"
        session.flush()
        with loading(session.connection(), ANALYST) as load:
            load.put({"commitment": [promised(load, first, title="丙")]})
        first.title_zh = "又改过的题目"
    with db.reading(ledger) as session:
        assert faults(session) == []
        assert list(session.scalars(select(Commitment.code).where(holds("又改过的题目")))) == ["CZ-2020-01"]


def test_who_records_while_a_load_goes_on_waits_only_where_writers_always_do_and_both_are_counted(
    ledger: Engine, analyst_id: int
) -> None:
    def judge(code: str) -> None:
        with db.writing(ledger, actor=ANALYST) as session:
            record(session, code, Execution.IN_PROGRESS)

    with ThreadPoolExecutor(1) as other, db.writing(ledger, actor=ANALYST) as session:
        with loading(session.connection(), ANALYST) as load:
            row = promised(load, commitment(session, "CZ-2020-01"), title="丁")
            load.put({"commitment": [row], **followed(load, row["id"], analyst=analyst_id)})
            told = other.submit(judge, "CZ-2020-02.1")
            if ledger.dialect.name == "postgresql":
                # SQLite has one writer at a time: there it waits until the load is committed.
                told.result(timeout=20)
            load.put(followed(load, row["id"], analyst=analyst_id, reviewed_up_to=DAY + timedelta(days=1)))
        session.commit()
        told.result(timeout=20)
    with db.reading(ledger) as session:
        assert faults(session) == []


def test_names_of_accounts_and_units_are_looked_at_one_by_one(ledger: Engine) -> None:
    with (
        pytest.raises(ValueError, match="organisation"),
        db.writing(ledger, actor=ANALYST) as session,
        loading(session.connection(), ANALYST) as load,
    ):
        load.put({"organisation": [{"code": "x"}]})


def test_texts_of_a_load_are_composed_and_quotes_stay_as_they_were_found(ledger: Engine, analyst_id: int) -> None:
    with db.writing(ledger, actor=ANALYST) as session, loading(session.connection(), ANALYST) as load:
        row = promised(load, commitment(session, "CZ-2020-01"), title="Cafe\u0301")
        pages = followed(load, row["id"], analyst=analyst_id)
        pages["evidence"][0]["excerpt"] = "line\n\u0303end"
        load.put({"commitment": [row], **pages})
    with db.reading(ledger) as session:
        new = session.scalars(select(Commitment).where(Commitment.code == row["code"])).one()
        page = session.scalars(select(Evidence).order_by(Evidence.id.desc())).first()
        assert (new.title_zh, page and page.excerpt) == ("Café", "line\n\u0303end")
        assert faults(session) == []


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_SAID = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False) | _TEXTS,
    lambda held: st.lists(held, max_size=4) | st.dictionaries(_TEXTS, held, max_size=4),
    max_leaves=8,
)


@given(_SAID)
def test_what_is_hashed_is_what_the_library_writes(said: Any) -> None:
    try:
        expected = chain.rfc8785.dumps(said)
    except ValueError:
        expected = b""
    if expected:
        assert chain.written(said).encode() == expected
    else:
        with pytest.raises(ValueError, match="JSON"):
            chain.written(said)


def test_Z10_no_two_ways_lead_to_a_hash(session: Session) -> None:
    at, said = datetime.now(UTC), {"a": [None, "\n\u0303"], "b": [None, 0.1], "c": [None, "é\U0001f600"]}
    _, _, before = session.execute(
        select(ChainEntry.seq, ChainEntry.at, ChainEntry.hash).order_by(ChainEntry.seq.desc())
    ).first() or (0, at, "")
    noted = chain.Noted(7, at, "某“人”", AuditAction.INSERT, "t", '1,"', chain.written(said))
    now, ((seq, number, hashed),) = chain.continued(session.connection(), [noted])
    event = {"id": 7, "at": at, "actor": noted.actor, "action": noted.action, "table_name": "t", "row_key": noted.key}
    expected = chain.linked(before, chain.canonical(chain.content(seq, now, {**event, "changes": said})))
    assert (number, hashed) == (7, expected)
