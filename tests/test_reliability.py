"""Second coding: the sample can be drawn again, the second coder is blind, and agreement is counted as published."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import test_cli
from following import ANALYST, PAGE, commitment, record
from test_cli import Run, refused
from tracker import audit, db, filters, queries, reliability
from tracker.agreement import alpha, interval, results
from tracker.codebook import CodedField, Execution, Level, PublicationState, Reliability, Role, Tense
from tracker.findings import Source
from tracker.materials import materials
from tracker.models import Adjudication, CodingItem, CodingReading, CodingRound, Commitment, User
from tracker.rules import RuleBroken
from visiting import Somebody, hidden, send

# The words that commands and the desk are tested in.
anywhere, run = test_cli.anywhere, test_cli.run

#: Published examples, one line a coder, one character a unit, “.” where a coder did not code it. All are from
#: K. Krippendorff, “Computing Krippendorff's Alpha-Reliability”, University of Pennsylvania, 2011
#: (repository.upenn.edu/asc_papers/43), sections A, B and C.
BINARY = ("0100000000", "1110010100")
TWO_CODERS = ("aabbdcccedda", "babbbccceddd")
FOUR_CODERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")

TENSE = {CodedField.TENSE}
SECOND = "第二人"


def units(coders: tuple[str, ...]) -> list[list[str]]:
    """What each coder said, unit by unit."""
    return [[value for value in unit if value != "."] for unit in zip(*coders, strict=True)]


@pytest.mark.parametrize(
    ("coders", "level", "published"),
    [
        (BINARY, Level.NOMINAL, 0.095),
        (TWO_CODERS, Level.NOMINAL, 0.692),
        (FOUR_CODERS, Level.NOMINAL, 0.743),
        (FOUR_CODERS, Level.ORDINAL, 0.815),
    ],
)
def test_alpha_is_the_published_one(coders: tuple[str, ...], level: Level, published: float) -> None:
    codes = sorted(set("".join(coders)) - {"."})
    assert alpha(units(coders), codes, level) == pytest.approx(published, abs=0.0005)


@pytest.mark.parametrize("coders", [("", ""), ("aaa", "aaa"), ("ab.", "..b"), ("aab", "aa.")])
def test_without_variation_among_what_was_coded_twice_there_is_no_alpha(coders: tuple[str, ...]) -> None:
    assert alpha(units(coders), ["a", "b"], Level.NOMINAL) is None
    assert interval(units(coders), ["a", "b"], Level.NOMINAL, seed=1) is None


def test_of_checkability_a_disagreement_weighs_more_the_further_apart() -> None:
    alike = [["high", "high"], ["medium", "medium"], ["low", "low"]]
    near, far = (
        alpha([*alike, ["high", value]], list(CodedField.CHECKABILITY.codes), CodedField.CHECKABILITY.level)
        for value in ("medium", "low")
    )
    assert near is not None
    assert far is not None
    assert near > far


def test_one_item_has_an_alpha_and_no_interval() -> None:
    assert alpha([["a", "b"]], ["a", "b"], Level.NOMINAL) == 0
    assert interval([["a", "b"]], ["a", "b"], Level.NOMINAL, seed=1) is None


def test_an_interval_can_be_computed_again_and_holds_the_alpha() -> None:
    first, again, other = (interval(units(TWO_CODERS), "abcde", Level.NOMINAL, seed=seed) for seed in (7, 7, 8))
    assert first == again != other
    assert first is not None
    assert first.low < 0.692 < first.high
    assert (first.resamples, first.used, first.seed) == (1000, 1000, 7)


@pytest.mark.parametrize(("value", "reading"), [(0.8, "reliable"), (0.7999, "tentative"), (0.6669, "unreliable")])
def test_alpha_is_read_as_krippendorff_reads_it(value: float, reading: str) -> None:
    assert Reliability.of(value).value == reading


def draw(session: Session, name: str = "试编", size: int = 6, **given: object) -> CodingRound:
    """Draw a sample of tenses, unless something else is said."""
    whole = {"fields": TENSE, "seed": 2020, "drawn_by": audit.signer(session, ANALYST), **given}
    return reliability.draw(session, name, size=size, **whole)  # type: ignore[arg-type]


def codes_of(drawn: CodingRound) -> list[str]:
    return [item.commitment.code for item in drawn.items]


def other(item: CodingItem) -> str:
    """A value that is not the first one."""
    return next(code.value for code in item.field.codes if code.value != item.first_value)


def rule(refusal: pytest.ExceptionInfo[RuleBroken]) -> str:
    return refusal.value.faults[0].field


def test_the_same_ledger_and_seed_give_the_same_sample_on_every_engine(desk: Session) -> None:
    followable = [row.code for row in desk.scalars(select(Commitment)) if not row.parts or row.stands_alone]
    chance = random.Random(2020)  # noqa: S311
    by_lot = sorted((chance.random(), code) for code in sorted(followable))
    assert codes_of(draw(desk)) == [code for _, code in by_lot[:6]]


def test_a_larger_sample_begins_with_the_smaller_one(desk: Session) -> None:
    small, large = draw(desk, "小"), draw(desk, "大", size=20)
    assert codes_of(large)[:6] == codes_of(small)
    assert codes_of(draw(desk, "另", seed=2021)) != codes_of(small)


def test_a_seed_is_made_and_kept_where_none_is_given(desk: Session) -> None:
    first = draw(desk, "一", seed=None)
    assert codes_of(draw(desk, "二", seed=first.seed)) == codes_of(first)


def test_only_published_commitments_that_can_be_followed_are_drawn(desk: Session) -> None:
    hidden_one, grouping, alone = (commitment(desk, f"CZ-2020-{code}") for code in ("05.3", "05", "18"))
    hidden_one.publication_state = PublicationState.DRAFT
    desk.flush()
    drawn = draw(desk, size=draw(desk, "数").population)
    assert {hidden_one.code, grouping.code}.isdisjoint(codes_of(drawn))
    assert alone.code in codes_of(drawn)


def test_a_city_is_drawn_from_alone_and_fields_stand_together(desk: Session) -> None:
    drawn = draw(desk, city_code="421000", fields={CodedField.CHECKABILITY, CodedField.KIND})
    assert {code[:2] for code in codes_of(drawn)} == {"JZ"}
    assert [item.field for item in drawn.items[:4]] == [CodedField.KIND, CodedField.CHECKABILITY] * 2
    assert [item.position for item in drawn.items] == list(range(1, 13))


def executions(session: Session, code: str) -> list[CodingItem]:
    """Tense and execution of a commitment, in a new round of all that somebody has judged."""
    fields = {CodedField.EXECUTION, CodedField.TENSE}
    rounds = len(session.scalars(select(CodingRound)).all())
    size = draw(session, f"数{rounds}", size=1, fields=fields).population
    drawn = draw(session, f"全{rounds}", size=size, fields=fields)
    return [item for item in drawn.items if item.commitment.code == code]


def test_execution_is_drawn_only_where_somebody_has_judged(desk: Session) -> None:
    rows = desk.execute(queries.commitments(filters.CommitmentFilter(executions=(Execution.NOT_REVIEWED,)))).all()
    judged, code, *_ = (row.code for row in rows if row.is_leaf)
    record(desk, judged, Execution.COMPLETED)
    assert executions(desk, code) == []
    record(desk, code, Execution.IN_PROGRESS)
    tense, execution = executions(desk, code)
    assert (execution.first_value, execution.first_coder_id) == ("in_progress", audit.signer(desk, ANALYST).id)
    assert tense.first_coder_id is None


def test_where_nothing_can_be_drawn_it_says_why(session: Session) -> None:
    with pytest.raises(RuleBroken, match="record follow-ups first"):
        draw(session, fields={CodedField.EXECUTION})


def test_the_first_value_is_frozen_and_its_coder_known(desk: Session) -> None:
    item = draw(desk, "前").items[0]
    before = item.first_value
    audit.signed_by(desk, SECOND)
    coder = audit.signer(desk, SECOND)
    item.commitment.tense = Tense(other(item))
    desk.flush()
    later = next(one for one in draw(desk, "后").items if one.commitment_id == item.commitment_id)
    assert (item.first_value, item.first_coder_id) == (before, None)
    assert (later.first_value, later.first_coder_id) == (other(item), coder.id)
    with pytest.raises(RuleBroken, match="you coded this item first"):
        reliability.code(desk, later, before, coder=coder)
    assert later not in reliability.left(desk, later.round, coder)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "旧"}, "name"),
        ({"size": 0}, "size"),
        ({"size": 999}, "size"),
        ({"fields": set()}, "fields"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**31}, "seed"),
    ],
)
def test_a_draw_that_cannot_be_is_refused(desk: Session, given: dict[str, object], field: str) -> None:
    draw(desk, "旧")
    with pytest.raises(RuleBroken) as refusal:
        draw(desk, **given)  # type: ignore[arg-type]
    assert rule(refusal) == field


def test_a_coder_codes_an_item_once_and_with_a_code_of_its_field(desk: Session) -> None:
    item, coder = draw(desk).items[0], audit.signer(desk, SECOND)
    with pytest.raises(RuleBroken) as refusal:
        reliability.code(desk, item, "high", coder=coder)
    assert rule(refusal) == "value"
    reliability.code(desk, item, "planned", coder=coder)
    with pytest.raises(RuleBroken, match="you have coded this item already"):
        reliability.code(desk, item, "ongoing", coder=coder)
    assert len(reliability.left(desk, item.round, coder)) == 5


def test_an_adjudication_decides_what_was_coded_again_and_says_why(desk: Session) -> None:
    item, coder, judge = draw(desk).items[0], audit.signer(desk, SECOND), audit.signer(desk, "裁定人")
    for note, field in (("原话有“了”", "item"), (" ", "note")):
        with pytest.raises(RuleBroken) as refusal:
            reliability.adjudicate(desk, item, "planned", note=note, adjudicator=judge)
        assert rule(refusal) == field
    before = item.commitment.tense
    reliability.code(desk, item, other(item), coder=coder)
    reliability.adjudicate(desk, item, other(item), note="原话有“了”", adjudicator=judge)
    assert item.commitment.tense is before
    with pytest.raises(RuleBroken, match="takes no further reading"):
        reliability.code(desk, item, "planned", coder=audit.signer(desk, "第三人"))


def test_who_is_in_the_middle_of_coding_sees_and_decides_nothing(desk: Session) -> None:
    drawn, coder = draw(desk, size=2), audit.signer(desk, SECOND)
    assert not reliability.is_blind(desk, drawn, coder)
    reliability.code(desk, drawn.items[0], "planned", coder=coder)
    assert reliability.is_blind(desk, drawn, coder)
    with pytest.raises(RuleBroken, match="finish it first"):
        reliability.adjudicate(desk, drawn.items[0], "planned", note="因", adjudicator=coder)
    reliability.code(desk, drawn.items[1], "planned", coder=coder)
    assert not reliability.is_blind(desk, drawn, coder)


def test_results_count_agreement_over_what_was_coded_again(desk: Session) -> None:
    drawn, coder = draw(desk, size=40), audit.signer(desk, SECOND)
    for item in drawn.items[:20]:
        reliability.code(desk, item, other(item) if item.position in {3, 4} else item.first_value, coder=coder)
    found = results(desk, drawn)
    (measure,) = found.measures
    assert (measure.items, measure.read, measure.agreed, measure.share) == (40, 20, 18, 0.9)
    assert [item.position for item in found.differing] == [3, 4]
    # 38 of 40 values are one code: observed disagreement 4/40, expected 2·38·2 / (40·39).
    assert measure.alpha == pytest.approx(1 - (4 / 40) / (2 * 38 * 2 / (40 * 39)))
    assert measure.interval == results(desk, drawn).measures[0].interval


def test_a_round_that_nobody_coded_again_says_so(desk: Session) -> None:
    (measure,) = results(desk, draw(desk)).measures
    assert (measure.alpha, measure.share, measure.verdict) == (None, None, None)
    assert "nobody has coded it again" in measure.why_none[1]


def test_execution_is_judged_by_the_same_evidence_without_the_verdict(desk: Session) -> None:
    record(desk, "CZ-2020-05.3", Execution.COMPLETED)
    item = executions(desk, "CZ-2020-05.3")[1]
    record(desk, "CZ-2020-05.3", Execution.COMPLETED, evidence=(Source("https://example.org/later"),))
    found = materials(desk, item)
    urls = {source.url for source in found.evidence}
    assert PAGE in urls
    assert "https://example.org/later" not in urls
    assert found.cut_off is not None


#: Stands wherever the first coder wrote something.
SECRET = "首次编码者的话"


def keep_secret(ledger: Engine) -> None:
    """Have every drawn commitment say something that only the first coder knows."""
    with db.writing(ledger, actor=ANALYST) as session:
        for row in {item.commitment for item in session.scalars(select(CodingItem))}:
            row.title_zh = row.title_en = row.note_zh = row.note_en = row.completion_zh = row.completion_en = SECRET
            row.tense_note_zh = row.tense_note_en = row.tense_words = SECRET


READING = (
    "INSERT INTO coding_reading (item_id, field, coder_id, value, recorded_at)"
    " SELECT id, '{field}', {coder}, '{value}', drawn_at FROM"
    " (SELECT coding_item.id, drawn_at FROM coding_item JOIN coding_round ON coding_round.id = round_id"
    " WHERE position = {position}) AS item"
)
DECISION = READING.replace("coding_reading", "adjudication", 1).replace("coder_id,", "note, adjudicator_id,")
DECISION = DECISION.replace("{coder}", "'因', {coder}")


@pytest.fixture
def coded(ledger: Engine) -> Engine:
    """The ledger with a round: item 1 was decided, item 2 coded by the second person, item 3 first coded by them."""
    with db.writing(ledger, actor=SECOND) as session:
        second = audit.signer(session, SECOND)
        third = draw(session, "试", size=3).items[2].commitment
        third.tense = Tense.PLANNED if third.tense is not Tense.PLANNED else Tense.ONGOING
        session.flush()
    with db.writing(ledger, actor=ANALYST) as session:
        drawn = draw(session, size=4)
        for item in drawn.items[:2]:
            reliability.code(session, item, "planned", coder=session.get_one(User, second.id))
        reliability.adjudicate(
            session, drawn.items[0], "ongoing", note="因", adjudicator=audit.signer(session, ANALYST)
        )
    return ledger


@pytest.mark.parametrize(
    ("statement", "given", "said"),
    [
        (READING, {"position": 4, "value": "high"}, "is_of_its_field"),
        (READING, {"position": 4, "value": "high", "field": "checkability"}, "foreign key"),
        (READING, {"position": 4, "value": "not_reviewed", "field": "execution"}, "is_of_its_field"),
        (READING, {"position": 3}, "who coded an item first"),
        (READING, {"position": 2}, "coding_reading"),
        (READING, {"position": 1, "coder": '(SELECT max(id) FROM "user")'}, "no further reading"),
        (DECISION, {"position": 4}, "nobody has coded again"),
        (DECISION, {"position": 2, "value": "high"}, "is_of_its_field"),
    ],
)
def test_what_must_not_be_coded_is_refused_by_the_database(
    coded: Engine, statement: str, given: dict[str, object], said: str
) -> None:
    coder = f"(SELECT id FROM \"user\" WHERE name = '{SECOND}')"
    values = {"field": "tense", "value": "planned", "coder": coder, **given}
    first = "round_id = (SELECT max(id) FROM coding_round) AND position"
    with pytest.raises(DBAPIError) as refusal, coded.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(statement.replace("position", first, 1).format(**values)))
    assert said in str(refusal.value.orig).lower() or said in str(refusal.value.orig)


def test_a_round_is_drawn_coded_measured_and_decided_on_the_command_line(
    run: Run, ledger: Engine, tmp_path: Path
) -> None:
    assert (
        "seed 2020"
        in run(
            "coding",
            "draw",
            "试编",
            "--size",
            "3",
            "--field",
            "时态",
            "--field",
            "kind",
            "--seed",
            "2020",
            "--analyst",
            ANALYST,
        ).text
    )
    assert "0/6" in run("coding", "list").text
    keep_secret(ledger)
    sheet = tmp_path / "sheet.csv"
    assert run("coding", "sheet", "试编", "--out", str(sheet), "--analyst", SECOND).code == 0
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"), newline="")))
    with db.reading(ledger) as session:
        first = {(i.commitment.code, i.field.value): i.first_value for i in session.scalars(select(CodingItem))}
    assert SECRET not in sheet.read_text()
    assert {row["value"] for row in rows} == {""}
    for row in rows:
        row["value"] = first[row["code"], row["field"]]
    rows[0]["value"] = next(code.zh for code in CodedField(rows[0]["field"]).codes if code != rows[0]["value"])
    write(sheet, rows)
    assert "6 项 / items" in run("coding", "read", "试编", str(sheet), "--analyst", SECOND).text
    assert "已有 kept 6" in run("coding", "read", "试编", str(sheet), "--analyst", SECOND).text
    shown = run("coding", "show", "试编", "--analyst", SECOND).text
    assert "2/3 (66.7%)" in shown
    assert "分歧 Disagreements (1)" in shown
    named = ("试编", rows[0]["code"], rows[0]["field"], rows[0]["value"])
    decided = run("coding", "adjudicate", *named, "--note", "原话有“将”", "--analyst", ANALYST).text
    assert "台账未变" in decided
    assert "裁定 adjudicated" in run("coding", "show", "试编").text


def write(sheet: Path, rows: list[dict[str, str]]) -> None:
    """The sheet as a spreadsheet saves it."""
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def test_a_sheet_with_mistakes_is_refused_whole_and_each_is_named(run: Run, ledger: Engine, tmp_path: Path) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        codes = codes_of(draw(session, size=3))
    good = [{"code": code, "field": "tense", "value": "planned"} for code in codes]
    sheet = tmp_path / "sheet.csv"
    write(sheet, [good[0], {**good[1], "value": "将来"}, {**good[2], "code": "CZ-1"}, {**good[2], "field": "x"}])
    said = refused(run("coding", "read", "试编", str(sheet), "--analyst", SECOND))
    for place in ("row 3, column value", "row 4, column code", "row 5, column field"):
        assert place in said
    assert "row 2" not in said
    write(sheet, [{"code": "CZ-1", "value": "planned"}])
    assert "field" in refused(run("coding", "read", "试编", str(sheet), "--analyst", SECOND))
    sheet.write_bytes("编号,值\n".encode("gbk"))
    assert "UTF-8" in refused(run("coding", "read", "试编", str(sheet), "--analyst", SECOND))
    with db.reading(ledger) as session:
        assert session.scalars(select(CodingReading)).all() == []


def test_a_coder_sees_no_result_on_the_command_line_before_the_end(run: Run, ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        codes = codes_of(draw(session, size=2))
    for left, code in zip((1, 0), codes, strict=True):
        assert f"left {left}" in run("coding", "code", "试编", code, "tense", "在办", "--analyst", SECOND).text
        answer = run("coding", "show", "试编", "--analyst", SECOND)
        assert ("has not finished" in answer.err) is bool(left)


def test_the_role_must_cover_analyst_and_the_round_must_be_there(run: Run, ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        session.add(User(name="读者", role=Role.READER, active=False, fs_uniquifier="r"))
        draw(session)
    words = ("coding", "draw", "二", "--size", "2", "--field", "tense", "--analyst")
    assert "needs the role 分析员 analyst" in refused(run(*words, "读者"))
    assert "试编" in refused(run("coding", "show", "没有"))


@pytest.fixture
def round_id(ledger: Engine) -> str:
    """A round of three tenses that nobody has coded again."""
    with db.writing(ledger, actor=ANALYST) as session:
        return str(draw(session, size=3).id)


def drawn_items(ledger: Engine) -> list[CodingItem]:
    with db.reading(ledger) as session:
        rows = session.scalars(select(CodingItem).order_by(CodingItem.position)).all()
        return [item for item in rows if item.commitment.code]


def coding_of(client: FlaskClient, address: str, value: str, note: str = "") -> str:
    """Code the item that stands on the page; where it goes on."""
    page = client.get(address).text
    answer = send(client, address, {"item": hidden(page, "item"), "value": value, "note": note}, page)
    return answer.headers["Location"]


def test_the_desk_codes_one_item_at_a_time_and_shows_nothing_of_the_first(
    analyst: FlaskClient, ledger: Engine, round_id: str
) -> None:
    address = f"/desk/coding/code/?id={round_id}"
    keep_secret(ledger)
    for place, item in enumerate(drawn_items(ledger), 1):
        page = analyst.get(address).text
        assert f"{place} / 3" in page
        for told in (SECRET, item.commitment.code, "checked"):
            assert told not in page
        results_page = analyst.get(f"/desk/coding/round/?id={round_id}").text
        assert ("首次编码" in results_page, "显示分歧" in results_page) == (False, place == 1)
        assert coding_of(analyst, address, other(item), "有疑问") == address
    assert analyst.get(address).headers["Location"] == f"/desk/coding/round/?id={round_id}"
    page = analyst.get(f"/desk/coding/round/?id={round_id}").text
    assert "0 / 3 (0.0%)" in page
    assert page.count("随台账装载") == page.count("有疑问") == 3


def test_a_choice_must_be_made_and_a_double_click_goes_on(analyst: FlaskClient, ledger: Engine, round_id: str) -> None:
    address = f"/desk/coding/code/?id={round_id}"
    page = analyst.get(address).text
    item = {"item": hidden(page, "item")}
    empty = send(analyst, address, {**item, "note": "想不好"}, page)
    assert (empty.status_code, "请选一项" in empty.text, "想不好" in empty.text) == (422, True, True)
    assert [send(analyst, address, {**item, "value": "planned"}, page).status_code for _ in range(2)] == [302, 302]
    assert "2 / 3" in analyst.get(address).text
    assert send(analyst, address, {"item": "999", "value": "planned"}, page).status_code == 404
    with db.reading(ledger) as session:
        assert len(session.scalars(select(CodingReading)).all()) == 1


def test_a_disagreement_is_decided_at_the_desk_and_the_ledger_left(
    analyst: FlaskClient, admin: FlaskClient, ledger: Engine, round_id: str
) -> None:
    items = drawn_items(ledger)
    decide = f"/desk/coding/adjudicate/?item={items[0].id}"
    coding_of(analyst, f"/desk/coding/code/?id={round_id}", other(items[0]))
    assert analyst.get(decide).status_code == 403
    assert send(admin, decide, {"value": other(items[0]), "note": " "}).status_code == 422
    answer = send(admin, decide, {"value": other(items[0]), "note": "原话有“将”"})
    assert answer.headers["Location"].endswith(f"#i{items[0].id}")
    page = admin.get(f"/desk/coding/round/?id={round_id}&look=1").text
    assert "原话有“将”" in page
    assert f"/desk/commitment/edit/?id={items[0].commitment_id}" in page
    with db.reading(ledger) as session:
        assert session.get_one(Commitment, items[0].commitment_id).tense == items[0].first_value
        assert session.scalars(select(Adjudication)).one().adjudicator.name == "某管理员"


def test_an_analyst_draws_a_round_and_a_reader_only_looks(somebody: Somebody, ledger: Engine, round_id: str) -> None:
    analyst, reader = somebody("analyst"), somebody("reader")
    values = {"name": "荆州", "size": "2", "fields": "tense", "city": "421000", "seed": "7"}
    assert send(analyst, "/desk/coding/draw/", {**values, "size": "999"}).status_code == 422
    assert send(analyst, "/desk/coding/draw/", {**values, "name": "试编"}).status_code == 422
    assert send(analyst, "/desk/coding/draw/", values).status_code == 302
    with db.reading(ledger) as session:
        made = session.scalars(select(CodingRound).order_by(CodingRound.id.desc())).first()
        assert made is not None
        assert (made.name, made.seed, made.drawn_by.name, len(made.items)) == ("荆州", 7, "某分析员", 2)
    for address in ("", f"round/?id={round_id}"):
        for language in ("zh", "en"):
            page = reader.get(f"/desk/coding/{address}{'&' if address else '?'}lang={language}")
            assert (page.status_code, page.text.count("<h1>")) == (200, 1)
    for address in ("draw/", f"code/?id={round_id}", "adjudicate/?item=1"):
        assert reader.get(f"/desk/coding/{address}").status_code == 403


@pytest.mark.parametrize("key", ["", "x", "999", "99999999999", "%00"])
def test_a_round_that_is_not_there_is_never_a_fault_of_ours(key: str, analyst: FlaskClient) -> None:
    for route in ("round/?id", "code/?id", "adjudicate/?item"):
        assert analyst.get(f"/desk/coding/{route}={key}").status_code in {400, 404}
