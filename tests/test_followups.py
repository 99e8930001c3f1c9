"""The first real follow-ups: real sources, strict judgements, and nothing that a second person has confirmed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from tracker import db, seed, tallies
from tracker.codebook import EvidenceRelation, EvidenceReports, Execution, MappingQuality
from tracker.filters import CommitmentFilter
from tracker.models import AssessmentEvidence, Evidence, Review, Scheme, StatusAssessment, StatusMapping
from tracker.standings import Cutoff

CZ = "followups/chenzhou-2020.yaml"

#: The interviews were given in spring 2020.
INTERVIEW = date(2020, 6, 30)


def load(engine: Engine, files: Path) -> seed.Changes:
    with db.writing(engine, seed.ACTOR) as session:
        return seed.load(session, files)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, seeded_file: Path) -> sessionmaker[Session]:
    """The ledger with its follow-ups, to be read."""
    path = tmp_path_factory.mktemp("followed") / "tracker.db"
    shutil.copy(seeded_file, path)
    engine = db.connect(f"sqlite:///{path}")
    load(engine, seed.folder())
    return db.sessions(engine)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the seed that a test may change."""
    return Path(shutil.copytree(seed.folder(), tmp_path / "seed"))


def changed(files: Path, name: str, old: str, new: str) -> None:
    text = (files / name).read_text(encoding="utf-8")
    assert old in text
    (files / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_on_the_day_of_the_interviews_nothing_is_rated(followed: sessionmaker[Session]) -> None:
    with followed() as session:
        then = session.execute(tallies.tally("execution", CommitmentFilter(cutoff=Cutoff(as_of=INTERVIEW)))).all()
        now = session.execute(tallies.tally("execution", CommitmentFilter())).all()
    assert {row.value for row in then} == {Execution.NOT_REVIEWED}
    assert len({row.value for row in now}) > 2


def test_a_first_look_is_dated_after_the_interview_and_bears_no_second_signature(
    followed: sessionmaker[Session],
) -> None:
    with followed() as session:
        rows = session.scalars(select(StatusAssessment)).all()
        assert session.scalar(select(func.count()).select_from(Review)) == 0
    assert len(rows) > 100
    assert all(row.effective_on > INTERVIEW and row.summary and row.summary_en for row in rows)
    assert not any(row.execution.is_done for row in rows)


def test_every_piece_of_evidence_is_cited_and_says_in_both_languages_what_it_shows(
    followed: sessionmaker[Session],
) -> None:
    with followed() as session:
        uncited = select(Evidence.url).where(Evidence.id.not_in(select(AssessmentEvidence.evidence_id)))
        assert session.scalars(uncited).all() == []
        assert all(row.shows_zh and row.shows_en and row.publisher for row in session.scalars(select(Evidence)))


def test_no_progress_of_a_first_look_rests_on_something_older_than_the_interview(
    followed: sessionmaker[Session],
) -> None:
    cited = (
        select(StatusAssessment.id, Evidence.fact_date)
        .join(AssessmentEvidence, AssessmentEvidence.assessment_id == StatusAssessment.id)
        .join(Evidence, Evidence.id == AssessmentEvidence.evidence_id)
        .where(AssessmentEvidence.relation == EvidenceRelation.SUPPORTS)
    )
    with followed() as session:
        assert [
            row for row in session.execute(cited) if (row.fact_date or "2020") < "2020-07" and row.fact_date != "2020"
        ] == []


def test_what_rests_on_announcements_only_is_planned_at_most(followed: sessionmaker[Session]) -> None:
    with followed() as session:
        for row in session.scalars(select(StatusAssessment)):
            told = {cited.evidence.reports for cited in row.citations if cited.relation is EvidenceRelation.SUPPORTS}
            assert told != {EvidenceReports.ANNOUNCEMENT} or row.execution is Execution.PLANNED


def test_follow_ups_loaded_twice_change_nothing(ledger: Engine) -> None:
    first, again = load(ledger, seed.folder()), load(ledger, seed.folder())
    assert first.added > 300
    assert (again.added, again.changed, again.notices) == (0, 0, [])


def test_a_judgement_that_its_file_takes_back_is_corrected_and_not_overwritten(ledger: Engine, files: Path) -> None:
    load(ledger, files)
    changed(files, CZ, "竣工投产10家；园区名称与访谈不同", "竣工投产10家；名称与访谈不同")
    assert load(ledger, files).added == 1
    with db.reading(ledger) as session:
        one = session.scalars(select(StatusAssessment).where(StatusAssessment.corrects_id.is_not(None))).one()
        assert session.get_one(StatusAssessment, one.corrects_id).summary != one.summary
    assert load(ledger, files).added == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  execution: no_evidence_found", "  execution: completed", "rests on evidence"),
        ("commitment: CZ-2020-21.4", "commitment: CZ-2020-21", "no followable commitment"),
        ("relation: supports}", "relation: proves}", "no relation"),
        ("effective_on: '2023-09-24'", "effective_on: '2023-13-24'", "no date as EDTF"),
    ],
)
def test_a_follow_up_that_breaks_a_rule_stops_the_load_with_file_and_line(
    ledger: Engine, files: Path, old: str, new: str, said: str
) -> None:
    changed(files, CZ, old, new)
    with pytest.raises(seed.SeedError, match=rf"^{CZ}:\d+: .*{said}"):
        load(ledger, files)
    with db.reading(ledger) as session:
        assert session.scalar(select(func.count()).select_from(StatusAssessment)) == 0


def test_every_status_reads_in_four_other_schemes_or_is_said_not_to(desk: Session) -> None:
    for scheme in desk.scalars(select(Scheme)):
        assert [row.execution for row in scheme.mappings] == list(Execution)
        assert scheme.source_title
        assert scheme.source_publisher
    assert desk.scalar(select(func.count()).select_from(Scheme)) == 4
    unmatched = desk.scalars(select(StatusMapping).where(StatusMapping.quality == MappingQuality.NONE)).all()
    assert unmatched
    assert all(row.term is None for row in unmatched)
