"""The seed is reviewed data: loaded by natural key, twice without a change, and stopped by whatever is in doubt."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tracker import db, passages, seed
from tracker.codebook import PublicationState
from tracker.models import (
    AuditEvent,
    Base,
    Commitment,
    CommitmentLink,
    CommitmentTerm,
    Jurisdiction,
    Passage,
    PassageMark,
    Person,
    PolicyDocument,
    Post,
    PostHolding,
    SourceDocument,
    StatedFigure,
    Term,
)
from tracker.seed.files import read

CZ = "coding/chenzhou-2020.yaml"
JZ = "coding/jingzhou-2020.yaml"


@pytest.fixture
def files(tmp_path: Path, interviews: Path) -> Path:
    """A copy of the seed that a test may change; its follow-ups are tested in `test_followups.py`."""
    return Path(shutil.copytree(interviews, tmp_path / "seed"))


@pytest.fixture
def seeded(ledger_url: str, connected: Callable[..., Engine]) -> Engine:
    """A database with the seed in it."""
    return connected(ledger_url)


@pytest.fixture
def ledger(seeded: Engine) -> Iterator[Session]:
    """The seeded database, to read from."""
    with db.reading(seeded) as session:
        yield session


def load(engine: Engine, files: Path) -> seed.Changes:
    with db.writing(engine, seed.ACTOR) as session:
        return seed.load(session, files)


def edit(files: Path, name: str, old: str, new: str) -> int:
    """Replace the first `old` in a file; returns its line."""
    text = (files / name).read_text(encoding="utf-8")
    assert old in text
    (files / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def named(session: Session, code: str) -> Commitment:
    return session.scalars(select(Commitment).where(Commitment.code == code)).one()


# Loading


def test_the_same_seed_loaded_twice_changes_nothing(seeded: Engine, files: Path) -> None:
    with db.reading(seeded) as session:
        events = session.scalar(select(func.count()).select_from(AuditEvent))
    changes = load(seeded, files)
    assert (changes.added, changes.changed, changes.removed, changes.notices) == (0, 0, 0, [])
    with db.reading(seeded) as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == events


def test_everything_in_the_files_is_in_the_database_and_signed_by_the_seed(ledger: Session, files: Path) -> None:
    counts = seed.check(files)
    for model, number in {
        SourceDocument: counts.documents,
        Commitment: counts.heads + counts.parts,
        CommitmentTerm: counts.terms,
        StatedFigure: counts.figures,
        PassageMark: counts.marks,
        CommitmentLink: counts.links,
        PolicyDocument: counts.policy_documents,
    }.items():
        assert ledger.scalar(select(func.count()).select_from(model)) == number > 0
    assert set(ledger.scalars(select(AuditEvent.actor))) == {seed.ACTOR}


def test_a_quote_that_does_not_stand_stops_the_load_and_leaves_the_database_empty(engine: Engine, files: Path) -> None:
    line = edit(files, JZ, "quote: 着力打赢三大攻坚战", "quote: 着力打赢四大攻坚战")
    with pytest.raises(seed.SeedError, match=f"^{JZ}:{line}: “着力打赢四大攻坚战” does not stand in jingzhou-2020; "):
        load(engine, files)
    with db.reading(engine) as session:
        rows = {t.name: session.scalar(select(func.count()).select_from(t)) for t in Base.metadata.sorted_tables}
        # The chain begins with the name of the installation.
        assert {name: count for name, count in rows.items() if count} == {"chain_entry": 1}


def test_a_correction_in_the_files_reaches_the_row_it_is_for(seeded: Engine, files: Path) -> None:
    edit(files, CZ, "title_zh: 梳理“72条”干货政策", "title_zh: 专门梳理“72条”干货政策")
    assert load(seeded, files).changed == 1
    with db.reading(seeded) as session:
        assert named(session, "CZ-2020-09.2").title_zh == "专门梳理“72条”干货政策"


def test_a_term_that_the_files_no_longer_give_is_taken_away(seeded: Engine, files: Path) -> None:
    edit(files, CZ, "  - {term: policy-area/branding-outreach, basis: inferred}\n", "")
    changes = load(seeded, files)
    assert (changes.added, changes.changed, changes.removed) == (0, 0, 1)


def test_a_new_row_in_the_middle_moves_those_behind_it(seeded: Engine, files: Path) -> None:
    text = (files / CZ).read_text(encoding="utf-8")
    part = text[text.index("  - code: CZ-2020-01.1") : text.index("  - code: CZ-2020-01.2")]
    edit(files, CZ, part, part.replace("CZ-2020-01.1", "CZ-2020-01.9") + part)
    assert load(seeded, files).added > 0
    with db.reading(seeded) as session:
        codes = session.scalars(select(Commitment.code).order_by(Commitment.document_id, Commitment.position)).all()
    assert codes[:3] == ["CZ-2020-01", "CZ-2020-01.9", "CZ-2020-01.1"]
    assert load(seeded, files).changed == 0


# What was done at the desk


def test_a_row_changed_at_the_desk_is_kept_and_named(seeded: Engine, files: Path) -> None:
    with db.writing(seeded, "李分析") as session:
        named(session, "CZ-2020-09.2").title_zh = "整理七十二条"
    changes = load(seeded, files)
    assert changes.changed == 0
    assert [notice.split(" on ")[0] for notice in changes.notices] == ["CZ-2020-09.2 was changed at the desk by 李分析"]
    with db.reading(seeded) as session:
        assert named(session, "CZ-2020-09.2").title_zh == "整理七十二条"


def test_a_next_check_set_at_the_desk_does_not_keep_corrections_out(seeded: Engine, files: Path) -> None:
    with db.writing(seeded, "李分析") as session:
        named(session, "CZ-2020-09.2").next_check = date(2027, 1, 15)
    edit(files, CZ, "title_zh: 梳理“72条”干货政策", "title_zh: 专门梳理“72条”干货政策")
    assert load(seeded, files).notices == []
    with db.reading(seeded) as session:
        assert named(session, "CZ-2020-09.2").title_zh == "专门梳理“72条”干货政策"


def test_a_term_removed_at_the_desk_stays_away(seeded: Engine, files: Path) -> None:
    with db.writing(seeded, "李分析") as session:
        row = named(session, "CZ-2020-09.2")
        term = row.terms[0].term.name_zh
        row.terms.pop(0)
    changes = load(seeded, files)
    assert changes.added == 0
    assert "removed at the desk by 李分析" in changes.notices[0]
    with db.reading(seeded) as session:
        assert term not in [item.term.name_zh for item in named(session, "CZ-2020-09.2").terms]


def test_a_term_given_at_the_desk_stays(seeded: Engine, files: Path) -> None:
    with db.writing(seeded, "李分析") as session:
        row = named(session, "CZ-2020-09.2")
        term = session.scalars(select(Term).where(Term.code == "aviation")).one()
        row.terms.append(CommitmentTerm(term_id=term.id, basis="inferred"))
    changes = load(seeded, files)
    assert (changes.removed, changes.notices) == (0, [])


def test_a_figure_renamed_at_the_desk_does_not_come_in_again(seeded: Engine, files: Path) -> None:
    with db.writing(seeded, "李分析") as session:
        session.scalars(select(StatedFigure).where(StatedFigure.value == 72)).one().what_zh = "政策条数"
    changes = load(seeded, files)
    assert (changes.added, changes.removed, len(changes.notices)) == (0, 0, 1)


# What never changes


def test_a_loaded_document_never_changes(seeded: Engine, files: Path) -> None:
    edit(files, "documents/chenzhou-2020.yaml", "招商引资工作取得了显著成效", "招商引资工作取得了成效")
    with pytest.raises(seed.SeedError, match=r"^documents/chenzhou-2020.yaml:\d+: .* load this as a new document"):
        load(seeded, files)


def test_a_code_that_leaves_its_file_is_refused(seeded: Engine, files: Path) -> None:
    text = (files / CZ).read_text(encoding="utf-8")
    (files / "policy-documents.yaml").unlink()
    without = re.sub(r"  - code: CZ-2020-09\.3\n.*?(?=- code: CZ-2020-10\n)", "", text, flags=re.DOTALL)
    (files / CZ).write_text(without.replace("{a: CZ-2020-09.3,", "{a: CZ-2020-09.1,"), encoding="utf-8")
    with pytest.raises(seed.SeedError, match=r"CZ-2020-09\.3 is in the database .* publication_state: withdrawn"):
        load(seeded, files)


def test_a_withdrawn_commitment_keeps_its_code(seeded: Engine, files: Path) -> None:
    edit(files, CZ, "  - code: CZ-2020-09.3\n", "  - code: CZ-2020-09.3\n    publication_state: withdrawn\n")
    assert load(seeded, files).changed == 1
    with db.reading(seeded) as session:
        assert named(session, "CZ-2020-09.3").publication_state is PublicationState.WITHDRAWN


# What a file may say


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (CZ, "policy-area/branding-outreach", "policy-area/branding", "did you mean “policy-area/branding-outreach”"),
        (CZ, "policy-area/branding-outreach", "field/x", r"“field/x” is no term; .*allowed: .*policy-area/…"),
        (CZ, "tense: ongoing", "tense: current", "allowed: claimed_done, ongoing, planned"),
        (CZ, "  title_zh: 开展", "  titel_zh: 开展", "“titel_zh” is no key .* did you mean “title_zh”"),
        (CZ, "  title_zh: 开展线上代言直播和项目线上招商\n", "", "“title_zh” is missing"),
        (CZ, "focus: “网上推介”", "focus: “网下推介”", "stands 0 times in its quote"),
        (CZ, "tense_words: 大力开展", "tense_words: 大力推动", "“大力推动” does not stand in turn 1"),
        (CZ, "text: 2月21日, rule", "text: 2月22日, rule", "“2月22日” does not stand in turn 1"),
        (CZ, "rule: day-without-year", "rule: day-with-no-year", "did you mean “day-without-year”"),
        (CZ, "  tense_confidence: high\n", "  tense_confidence: low\n", "a reading of low confidence says why"),
        (CZ, "code: CZ-2020-01.2", "code: CZ-2020-01.1", r"CZ-2020-01.1 is taken at coding/chenzhou-2020.yaml:\d+"),
        (CZ, "code: CZ-2020-01.2", "code: CZ-2020-02.9", "its code begins with CZ-2020-01."),
        (CZ, "value: 12, unit: project", "value: 13, unit: project", "the number 13 does not stand in “at”"),
        (CZ, "value: 12, unit: project", "value: 12, unit: projects", "did you mean “project”"),
        (CZ, "- {text: 5G,", "- {text: 6G,", "“6G” does not stand in any answer"),
        (CZ, "- {text: 为进一步提升", "- {text: 郴州, reason: background}\n- {text: 为进一步提升", "more than once"),
        (CZ, "- {text: 为进一步", "- {text: 大力开展项目, reason: opinion}\n- {text: 为进一步", "overlaps"),
        (CZ, "- {a: CZ-2020-01.2,", "- {a: CZ-2020-99.2,", "“CZ-2020-99.2” is no commitment"),
        (CZ, "unit: guiyang-county", "unit: guiyang", "did you mean “guiyang-county”"),
        (CZ, "speaker: liu-zhiren", "speaker: liu", "is no person; allowed: cui-yonghui, liu-zhiren"),
        (CZ, "  turn: 1\n", "  turn: 9\n", "chenzhou-2020 has 5 turns; 9 is none of them"),
        (CZ, "  turn: 1\n", "  turn: 2\n", "does not stand in"),
        (CZ, "  turn: 1\n", "  turn: 1\n  turn: 1\n", "“turn” stands twice in one entry"),
        ("documents/chenzhou-2020.yaml", "key: chenzhou-2020", "key: [", "this is no YAML"),
        ("documents/chenzhou-2020.yaml", "date: '2020'", "date: 2020", "“date” is no text; put it in quotes"),
        ("documents/chenzhou-2020.yaml", "date: '2020'", "date: '2020年'", "is no date as EDTF"),
        ("places.yaml", "parent: '430000'", "parent: '440000'", "“440000” is no jurisdiction"),
        ("policy-documents.yaml", "[CZ-2020-09.2]", "[CZ-2020-99]", "CZ-2020-99 is no commitment"),
        ("vocabularies/sectors.yaml", "code: big-data", "code: aviation", "the code “aviation” is taken"),
    ],
)  # fmt: skip
def test_what_a_file_gets_wrong_is_named_with_its_line(files: Path, name: str, old: str, new: str, said: str) -> None:
    edit(files, name, old, new)
    with pytest.raises(seed.SeedError, match=rf"^{name}:\d+: .*({said})"):
        seed.check(files)


def test_a_head_without_a_part_is_refused(files: Path) -> None:
    text = (files / JZ).read_text(encoding="utf-8")
    line = text[: text.index("- code: JZ-2020-01\n")].count("\n") + 1
    without = re.sub(r"  parts:\n  - code: JZ-2020-01\.1\n.*?(?=\n- code: JZ-2020-02\n)", "", text, flags=re.DOTALL)
    (files / JZ).write_text(without, encoding="utf-8")
    with pytest.raises(seed.SeedError, match=f"^{JZ}:{line}: JZ-2020-01 has no part"):
        seed.check(files)


# What the seed holds


def test_the_documents_hold_the_raw_text_whole() -> None:
    raw = "".join((seed.folder() / "documents/raw/interviews.txt").read_text(encoding="utf-8").split())
    pieces: list[str] = []
    for document in read(seed.folder()).documents.values():
        furniture = [document.kicker, document.headline, document.byline]
        pieces += ["".join(piece.split()) for piece in [*document.text.split("\n"), *furniture] if piece]
    at = 0
    while pieces:
        here = max((piece for piece in pieces if raw.startswith(piece, at)), key=len, default="")
        assert here, f"no document holds: {raw[at : at + 40]}"
        pieces.remove(here)
        at += len(here)
    assert at == len(raw) == 4126


def test_every_quote_stands_exactly_once_where_it_is_stored(ledger: Session) -> None:
    for text, start, end in ledger.execute(
        select(SourceDocument.text, Passage.start, Passage.end)
        .join(Commitment, Commitment.passage_id == Passage.id)
        .join(SourceDocument, SourceDocument.id == Passage.document_id)
    ):
        assert passages.locate(text, text[start:end]) == (start, end)


def test_every_number_of_the_answers_is_in_a_figure_or_a_name() -> None:
    for coding in read(seed.folder()).codings:
        held = [figure.span for figure in coding.figures]
        held += [mark.span for mark in coding.marks if not mark.reason.is_context]
        for start, end in coding.document.answers:
            for run in re.finditer(r"\d+(?:\.\d+)?", coding.document.text[start:end]):
                left, right = start + run.start(), start + run.end()
                assert any(a <= left and right <= b for a, b in held), coding.document.text[left - 9 : right + 9]


def test_every_head_has_a_part(ledger: Session) -> None:
    heads = ledger.scalars(select(Commitment).where(Commitment.parent_id.is_(None))).all()
    assert heads
    assert all(head.parts for head in heads)


def test_every_speaker_holds_the_post_that_he_speaks_for(ledger: Session) -> None:
    speakers = select(Jurisdiction.code, Person.name_zh, Post.name_zh).select_from(Commitment).distinct()
    speakers = speakers.join(Jurisdiction).join(Person).join(Post, Post.id == Commitment.post_id)
    holds = (PostHolding.person_id == Commitment.speaker_id) & (PostHolding.post_id == Commitment.post_id)
    assert sorted(tuple(row) for row in ledger.execute(speakers.join(PostHolding, holds))) == [
        ("421000", "崔永辉", "荆州市市长"),
        ("431000", "刘志仁", "郴州市市长"),
    ]


def test_no_day_of_office_is_made_up(ledger: Session) -> None:
    assert {(holding.start, holding.end) for holding in ledger.scalars(select(PostHolding))} == {("", "")}


def test_every_city_has_its_province(ledger: Session) -> None:
    cities = ledger.scalars(select(Jurisdiction).where(Jurisdiction.parent_id.is_not(None)).order_by(Jurisdiction.code))
    assert [(str(city), str(city.parent), city.parent and city.parent.iso_code) for city in cities] == [
        ("荆州", "湖北", "CN-HB"),
        ("郴州", "湖南", "CN-HN"),
    ]


def test_every_question_that_lost_its_head_has_no_label(ledger: Session) -> None:
    for document in ledger.scalars(select(SourceDocument)):
        for turn in document.turns:
            label = document.text[: turn.question_start].endswith("《中国企业报》：")
            assert label is not turn.question_head_missing


def test_every_title_of_a_policy_document_stands_in_a_quote_that_it_is_tied_to(ledger: Session) -> None:
    for policy in ledger.scalars(select(PolicyDocument)):
        for row in policy.commitments:
            assert policy.title in row.document.text[row.passage.start : row.passage.end]
