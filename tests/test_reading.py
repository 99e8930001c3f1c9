"""The interview itself: its text in runs, each with the commitments whose words it is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from following import ANALYST, commitment, record, reviewer
from tracker import coverage, db, seed
from tracker.codebook import Execution, PublicationState, Verdict
from tracker.filters import CommitmentFilter
from tracker.reading import Holding, Reading, Stretch, reading, runs
from tracker.records import records
from tracker.reviews import review
from tracker.standings import Cutoff

KEYS = ["chenzhou-2020", "jingzhou-2020"]

TEXT = "一是抓好落实，二是放大优势。"

spans = st.lists(
    st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)), st.integers()).filter(
        lambda span: span[0] < span[1]
    ),
    max_size=12,
)


@pytest.fixture
def reader(opened: Callable[..., Flask], desk: Session) -> FlaskClient:
    """Somebody who looks at the ledger as seeded."""
    return opened(desk.get_bind().engine.url.render_as_string(hide_password=False)).test_client()


def read(session: Session, key: str, cutoff: Cutoff | None = None) -> Reading:
    found = reading(session, key, cutoff or Cutoff())
    assert found
    return found


def stretches(found: Reading) -> list[Stretch]:
    lines = [line for section in found.sections for line in section.paragraphs]
    return [stretch for line in lines for stretch in line.stretches]


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


@given(spans=spans)
def test_runs_are_the_text_and_each_is_held_by_exactly_what_covers_it(spans: list[tuple[int, int, int]]) -> None:
    cut = runs((0, len(TEXT)), spans)
    assert "".join(TEXT[start:end] for start, end, _ in cut) == TEXT
    assert all(start < end for start, end, _ in cut)
    for start, end, holders in cut:
        for position in range(start, end):
            assert list(holders) == [holder for left, right, holder in spans if left <= position < right]


@given(spans=spans, bounds=st.tuples(st.integers(0, 6), st.integers(7, len(TEXT))))
def test_runs_of_a_line_stay_within_it(spans: list[tuple[int, int, int]], bounds: tuple[int, int]) -> None:
    cut = runs(bounds, spans)
    assert (cut[0][0], cut[-1][1]) == bounds
    assert all(one[1] == other[0] for one, other in pairwise(cut))


@pytest.mark.parametrize("key", KEYS)
def test_the_text_of_an_interview_is_whole(desk: Session, key: str) -> None:
    found = read(desk, key)
    assert "".join(one.text for one in stretches(found)) == found.document.text.replace("\n", "")


@pytest.mark.parametrize("key", KEYS)
def test_every_commitment_begins_once_where_its_own_words_stand(desk: Session, key: str) -> None:
    found, own = read(desk, key), {}
    for stretch in stretches(found):
        own.update(dict.fromkeys(stretch.begins, stretch.text))
    begun = [code for stretch in stretches(found) for code in stretch.begins]
    rows = {row["code"]: row for row in records(desk, CommitmentFilter()) if row["document"] == key}
    assert sorted(begun) == sorted(rows)
    assert all((row["focus"] or row["quote"]).startswith(own[code]) for code, row in rows.items())
    margin = [
        row.code
        for section in found.sections
        for line in section.paragraphs
        for block in line.blocks
        for row in (block.head, *block.parts)
        if row
    ]
    assert sorted(margin) == sorted(rows)


def test_words_lead_to_the_commitment_whose_own_they_are_and_the_rest_to_the_head(desk: Session) -> None:
    held = {one.text: one for one in stretches(read(desk, KEYS[0])) if "CZ-2020-01" in one.codes}
    assert held["“网上推介”"].row is not None
    assert (held["“网上推介”"].row.code, held["“网上推介”"].holding) == ("CZ-2020-01.2", Holding.COMMITMENT)
    rest = held["的同时，大力开展项目"]
    assert rest.row is not None
    assert (rest.row.code, rest.holding) == ("CZ-2020-01", Holding.HEAD)
    assert rest.codes == ("CZ-2020-01", "CZ-2020-01.1", "CZ-2020-01.2", "CZ-2020-01.3", "CZ-2020-01.4")


@pytest.mark.parametrize("key", KEYS)
def test_what_is_held_is_counted_as_the_coverage_counts(desk: Session, key: str) -> None:
    assert [read(desk, key).coverage] == coverage.coverage(desk, key)


def test_words_that_no_row_holds_are_shown_as_such(
    opened: Callable[..., Flask], ledger: Engine, ledger_url: str
) -> None:
    with db.writing(ledger, ANALYST) as session:
        for code in ("JZ-2020-01", "JZ-2020-01.1"):
            commitment(session, code).publication_state = PublicationState.WITHDRAWN
    with db.reading(ledger) as session:
        lost = [one.text for one in stretches(read(session, KEYS[1])) if one.holding is Holding.NOTHING]
    assert lost == ["下半年，在抓好常态化防控的同时，"]
    page = opened(ledger_url).test_client().get(f"/documents/{KEYS[1]}").text
    assert f'<span class="run run-nothing">{lost[0]}</span>' in page
    assert "未收 <strong>12</strong> 字" in page
    assert "JZ-2020-01.1" not in page


def test_words_marked_as_context_say_which(reader: FlaskClient) -> None:
    page = text_of(reader.get(f"/documents/{KEYS[1]}").text)
    assert "将重点做好五个方面的工作［引语］" in page
    assert "［观点］" in page


def test_each_highlight_leads_to_its_commitment_and_back(reader: FlaskClient) -> None:
    page = reader.get(f"/documents/{KEYS[0]}").text
    run = re.search(
        r'<span class="mark" id="CZ-2020-01.2"></span><a class="([^"]+)" href="([^"]+)"[^>]*>([^<]+)</a>', page
    )
    assert run
    assert run[1] == "run run-commitment status-not_reviewed"
    assert run[3] == "“网上推介”"
    assert f'href="/documents/{KEYS[0]}#CZ-2020-01.2"' in reader.get(run[2]).text


def test_the_margin_says_how_each_stands_and_looks_back(
    opened: Callable[..., Flask], ledger: Engine, ledger_url: str
) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.2", Execution.IN_PROGRESS)
    reader = opened(ledger_url).test_client()

    def beside(asked: str) -> str:
        page = reader.get(f"/documents/{KEYS[0]}?{asked}").text
        line = re.search(r'<li><a href="[^"]+" data-code="CZ-2020-01.2">(.*?)</a></li>', page)
        return text_of(line[1]) if line else ""

    assert beside("").endswith("推进中")
    assert beside("as_of=2020-12-30").endswith("未核查")
    assert f"/documents/{KEYS[0]}?as_of=2020-12-30#" in reader.get("/commitments/CZ-2020-01.2?as_of=2020-12-30").text


def test_where_only_approved_work_is_shown_the_margin_waits_for_a_second_person(
    opened: Callable[..., Flask], ledger: Engine, ledger_url: str
) -> None:
    with db.writing(ledger, ANALYST) as session:
        found = record(session, "CZ-2020-01.2", Execution.IN_PROGRESS)
        number = found.id
    reader = opened(ledger_url, readers_see="approved").test_client()
    assert "status-in_progress" not in reader.get(f"/documents/{KEYS[0]}").text
    with db.writing(ledger, ANALYST) as session:
        judged = session.get(type(found), number)
        assert judged
        review(session, judged, Verdict.APPROVE, reviewer=reviewer(session))
    assert "status-in_progress" in reader.get(f"/documents/{KEYS[0]}").text


def test_a_text_that_may_not_be_reprinted_is_not(
    engine: Engine, interviews: Path, tmp_path: Path, opened: Callable[..., Flask]
) -> None:
    files = Path(shutil.copytree(interviews, tmp_path / "seed"))
    for key, mode in zip(KEYS, ("quote_only", "metadata_only"), strict=True):
        path = files / "documents" / f"{key}.yaml"
        path.write_text(path.read_text().replace("licence: full_text", f"licence: {mode}"))
    with db.writing(engine, actor=seed.ACTOR) as session:
        seed.load(session, files)
    reader = opened(engine.url.render_as_string(hide_password=False)).test_client()
    quoted, listed = (text_of(reader.get(f"/documents/{key}").text) for key in KEYS)
    assert "大力开展项目“网上推介”" in quoted
    assert "新冠肺炎疫情对经济社会发展" not in quoted
    assert "哪些新尝试" not in quoted
    assert "只许引用" in quoted
    assert "坚决防止因“疫”返贫致贫" not in listed
    assert "防止因疫返贫致贫" in listed
    rows = reader.get("/commitments?format=json").get_json()["rows"]
    rows += reader.get("/commitments/JZ-2020-01?format=json").get_json()["rows"]
    shown = {(row["document"], row["quote"] is None, row["question"] is None) for row in rows}
    assert shown == {("chenzhou-2020", False, True), ("jingzhou-2020", True, True)}
    quoted, listed = (reader.get(f"/documents/{key}?format=json").text for key in KEYS)
    assert "网上推介" in quoted
    assert "新冠肺炎疫情对经济社会发展" not in quoted
    assert "哪些新尝试" not in quoted
    assert "防止因疫返贫致贫" in listed
    assert "坚决防止因“疫”返贫致贫" not in listed
    page = text_of(reader.get("/commitments/CZ-2020-02.1").text)
    assert "集中签约12个项目" in page
    assert "成功举办了2020郴州市" not in page


def test_an_unknown_document_answers_404_and_names_those_there_are(reader: FlaskClient) -> None:
    answer = reader.get("/documents/<x>")
    assert answer.status_code == 404
    assert all(f'href="/documents/{key}"' in answer.text for key in KEYS)
    assert "<x>" not in answer.text
