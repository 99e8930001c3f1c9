"""Whatever is found, whatever is put in raw, whatever became of it in whatever order: the rules hold.

The suite tries a few examples of each, always the same ones. To try many, and others every time:
`pytest -n 0 tests/test_properties.py --hypothesis-profile=thorough`.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, commitment, record, reviewer
from tracker import audit
from tracker.assessments import record_assessment
from tracker.codebook import (
    Attribution,
    Confidence,
    DeadlineKind,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Precision,
    Reason,
    Verdict,
)
from tracker.filters import CommitmentFilter
from tracker.findings import Finding, Search, Source
from tracker.measurements import measure
from tracker.models import (
    AssessmentEvidence,
    Base,
    Commitment,
    Evidence,
    Milestone,
    Review,
    SearchLog,
    StatedFigure,
    StatusAssessment,
)
from tracker.progress import figures, milestones
from tracker.queries import commitments
from tracker.records import Record, records
from tracker.reviews import review
from tracker.rules import RuleBroken
from tracker.schedules import plan_milestone, reach_milestone, revise_deadline
from tracker.standings import Cutoff
from tracker.tallies import census, completion

#: 全年目标, due 2020-12-31 · 下半年, a horizon · no time given, and 41 enterprises are stated.
DUE, PARK, CLAIM = "CZ-2020-17.2", "CZ-2020-21.4", "JZ-2020-21.2"

#: When findings are brought, and when the ones before them were written down.
NOW, BEFORE = datetime(2022, 6, 15, 12, tzinfo=UTC), datetime(2022, 6, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)

# --- What a finding must rest on, as the method says it -----------------------------------------------------------

RESTS_ON_NO_SOURCE = {"not_reviewed", "no_evidence_found", "not_assessable"}
SHOWS_WORK = {"in_progress", "partly_completed", "completed", "completed_reduced"}
HALTED = {"stalled", "blocked", "abandoned", "reversed"}
DONE = {"completed", "completed_reduced"}

ADDRESSES = [f"https://example.org/{name}" for name in ("news", "plan", "yearbook", "说明")]
NO_ADDRESSES = ["javascript:alert(1)", "https://", "https://a b/", "www.example.org", f"https://e.org/{'x' * 2000}"]


@dataclass(frozen=True)
class Case:
    """A finding, and what the ledger knew when it was brought."""

    found: Finding
    #: assessments of the same commitment
    own: frozenset[int] = frozenset()
    #: days of the searches that were logged for it, with those of the finding
    searched: frozenset[date] = frozenset()
    recorded_at: datetime = NOW

    @property
    def cited(self) -> list[str]:
        return [source.url for source in self.found.evidence]

    @property
    def backing(self) -> list[str | None]:
        """What the evidence that supports the status reports."""
        return [source.reports for source in self.found.evidence if source.relation == "supports"]

    @property
    def texts(self) -> list[str]:
        return [said or "" for said in (self.found.summary, self.found.progress, self.found.problems)]


Rules = dict[str, Callable[[Case], bool]]

#: What every status rests on. The function asks for it, and so does the database.
GROUNDS: Rules = {
    "support": lambda case: case.found.execution in RESTS_ON_NO_SOURCE or case.backing != [],
    "more than an announcement": lambda case: (
        case.found.execution not in SHOWS_WORK or any(reports != "announcement" for reports in case.backing)
    ),
    "a search up to the cut-off": lambda case: (
        case.found.execution != "no_evidence_found" or any(day >= case.found.reviewed_up_to for day in case.searched)
    ),
    "a reason": lambda case: (
        case.found.execution not in HALTED or None not in (case.found.reason, case.found.attribution)
    ),
    "a source of the claim": lambda case: case.found.official_claim is None or case.cited != [],
    "that source among the cited": lambda case: (
        case.found.official_claim is None or case.found.claim_source in (None, *case.cited)
    ),
    "a day by the cut-off": lambda case: date(1949, 10, 1) <= case.found.effective_on <= case.found.reviewed_up_to,
    "a share": lambda case: case.found.progress_share is None or 0 <= case.found.progress_share <= 1,
    "a summary": lambda case: case.found.summary.strip() != "",
    "one of its own to correct": lambda case: case.found.corrects in (None, *case.own),
    "web addresses": lambda case: all(url.startswith(("http://", "https://")) for url in case.cited),
}

#: What only the function asks for.
MANNERS: Rules = {
    "a cut-off that has been": lambda case: case.found.reviewed_up_to <= TODAY,
    "evidence that has been": lambda case: all((told.published_on or TODAY) <= TODAY for told in case.found.evidence),
    "searches that have been": lambda case: all((made.searched_on or TODAY) <= TODAY for made in case.found.searches),
    "searches that say where and for what": lambda case: all(
        0 < len(said.strip()) <= 500 for search in case.found.searches for said in (search.searched_in, search.query)
    ),
    "addresses that open": lambda case: set(case.cited) <= {PAGE, *ADDRESSES},
    "each address once": lambda case: len(set(case.cited)) == len(case.cited),
    "a source that is cited": lambda case: case.found.claim_source in (None, *case.cited),
    "texts that fit": lambda case: all(len(said) <= 4000 for said in case.texts),
    "titles that fit": lambda case: all(len(source.title or "") <= 500 for source in case.found.evidence),
    "characters that can be stored": lambda case: not UNSTORABLE & set("".join(case.texts)),
    "the last day of its month or year": lambda case: case.found.effective_on == last_day(case.found),
}

#: What only the database asks for: its calendar gives a day for time zones, and it knows what it wrote before.
ORDER: Rules = {
    "a cut-off by the day it is written down": lambda case: case.found.reviewed_up_to <= case.recorded_at.date() + DAY,
    "a place after the ones before": lambda case: case.recorded_at >= BEFORE,
}

#: NUL, and half of a surrogate pair.
UNSTORABLE = {"\0", "\ud800"}


def lacks(rules: Rules, case: Case) -> set[str]:
    """What a finding lacks of what rules ask for."""
    return {name for name, met in rules.items() if not met(case)}


def last_day(finding: Finding) -> date:
    """The day that stands for the month or year where no more is known."""
    day = finding.effective_on
    if finding.effective_precision == "year":
        return date(day.year, 12, 31)
    if finding.effective_precision == "month":
        return date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])
    return day


# --- Findings as anybody may bring them: sound ones, of which something is then changed -----------------------------

days = st.dates(date(2019, 1, 1), TODAY)
odd_days = st.sampled_from(
    [date(1, 1, 1), date(1949, 9, 30), date(1949, 10, 1), TODAY, TODAY + DAY, TODAY + 2 * DAY, date(9999, 12, 31)]
)
said = st.just("园区已动工") | st.text(max_size=12)


def maybe(values: Any) -> st.SearchStrategy[Any]:
    return st.none() | (values if isinstance(values, st.SearchStrategy) else st.sampled_from(values))


def citing(least: int = 0, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Source, ...]]:
    """Up to three sources of different addresses."""
    told: dict[str, Any] = {
        "url": st.sampled_from(ADDRESSES),
        "relation": st.sampled_from(EvidenceRelation),
        "reports": maybe(EvidenceReports),
        "origin": maybe(EvidenceOrigin),
        "title": maybe(["开工公告", "统计公报"]),
        "published_on": maybe(days),
    }
    cited = st.lists(st.builds(Source, **told | more), min_size=least, max_size=3, unique_by=lambda source: source.url)
    return cited.map(tuple)


def searching(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Search, ...]]:
    """Up to two searches."""
    told = {"searched_in": st.just("市人民政府网站"), "query": st.just("有色产业园"), "searched_on": days}
    return st.lists(st.builds(Search, **told | more), max_size=2).map(tuple)


@st.composite
def sound(draw: st.DrawFn) -> Finding:
    """A finding that rests on all that it must; `corrects` stands for a place among the assessments before it."""
    execution = draw(st.sampled_from(Execution))
    evidence, searches = draw(citing()), draw(searching())
    if execution not in RESTS_ON_NO_SOURCE:
        telling = Source(PAGE, reports=draw(st.sampled_from([None, EvidenceReports.START, EvidenceReports.STATISTICS])))
        evidence = (telling, *evidence)
    cut_off = draw(days | st.just(TODAY))
    if execution == "no_evidence_found":
        searches += (Search("统计局网站", "年鉴", searched_on=draw(st.sampled_from([None, cut_off, TODAY]))),)
    halted = execution in HALTED or draw(st.booleans())
    return Finding(
        execution=execution,
        effective_on=draw(st.dates(date(1949, 10, 1), cut_off)),
        reviewed_up_to=cut_off,
        summary="园区已动工",
        evidence=evidence,
        searches=searches,
        outcome=draw(st.sampled_from(Outcome)),
        official_claim=draw(maybe(Execution)) if evidence else None,
        claim_source=draw(maybe([source.url for source in evidence])) if evidence else None,
        progress=draw(maybe(["已完成三成"])),
        progress_share=draw(maybe(st.floats(0, 1))),
        reason=draw(st.sampled_from(Reason)) if halted else None,
        attribution=draw(st.sampled_from(Attribution)) if halted else None,
        confidence=draw(maybe(Confidence)),
        corrects=draw(st.none() | st.none() | st.just(0)),
    )


announcing = citing(1, relation=st.just(EvidenceRelation.SUPPORTS), reports=st.just(EvidenceReports.ANNOUNCEMENT))
work, halts = st.sampled_from(sorted(map(Execution, SHOWS_WORK))), st.sampled_from(sorted(map(Execution, HALTED)))
nothing_found, no_evidence = st.just(Execution.NO_EVIDENCE_FOUND), st.just(())

Changes = list[dict[str, st.SearchStrategy[Any]]]

#: What is taken away from a sound finding that a status rests on, one line for each way.
TAKEN_AWAY: Changes = [
    {"execution": st.sampled_from(Execution)},
    {"evidence": citing(), "claim_source": st.none()},
    {"evidence": no_evidence, "claim_source": st.none()},
    {"execution": work, "evidence": announcing, "claim_source": st.none()},
    {"execution": nothing_found, "searches": searching()},
    {"execution": nothing_found, "searches": st.just(())},
    {"execution": halts, "evidence": st.just((Source(PAGE),)), "reason": maybe(Reason), "attribution": st.none()},
    {"execution": halts, "reason": maybe(Reason), "attribution": maybe(Attribution)},
    {"execution": st.just(Execution.NOT_ASSESSABLE), "official_claim": st.sampled_from(Execution),
     "claim_source": st.none(), "evidence": no_evidence | citing()},
    {"official_claim": st.sampled_from(Execution), "claim_source": st.sampled_from(ADDRESSES)},
    {"effective_on": days | odd_days},
    {"reviewed_up_to": days | odd_days},
    {"corrects": st.sampled_from([0, 1, 2, 3, 4711])},
]  # fmt: skip

#: What is written otherwise than it may be.
MISWRITTEN: Changes = [
    {"evidence": citing(1, url=st.sampled_from(NO_ADDRESSES))},
    {"evidence": st.lists(st.sampled_from([Source(PAGE), Source(PAGE, EvidenceRelation.CONTEXT)]), min_size=2).map(tuple)},
    {"evidence": citing(1, title=st.just("长" * 501))},
    {"evidence": citing(1, published_on=odd_days)},
    {"searches": searching(searched_in=st.sampled_from([" ", "站" * 501]))},
    {"searches": searching(query=st.sampled_from(["", "词" * 501, "\0"]))},
    {"searches": searching(searched_on=odd_days)},
    {"claim_source": st.sampled_from(ADDRESSES)},
    {"effective_on": days, "effective_precision": st.sampled_from(Precision)},
    {"effective_on": st.just(date(2018, 12, 31)), "effective_precision": st.sampled_from(Precision)},
    {"summary": said | st.sampled_from(["", " \n", "　", "长" * 4001, "动\0工", "动\ud800工"])},
    {"progress": said | st.sampled_from(["", "长" * 4001, "\0"])},
    {"progress_share": st.floats() | st.sampled_from([-0.01, 0, 1, 1.01])},
]  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, changes: Changes) -> Finding:
    """A sound finding of which one thing was changed."""
    change = draw(st.sampled_from(changes))
    return replace(draw(sound()), **draw(st.fixed_dictionaries(change)))


#: What is brought one after the other: a finding for each ground that can be taken away, and others between them.
brought_in_turn = st.tuples(
    sound(), sound(), *(changed([change]) for change in TAKEN_AWAY), changed(MISWRITTEN), changed(MISWRITTEN)
).flatmap(st.permutations)


# --- The ledger that findings are brought to -----------------------------------------------------------------------


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """One example: what it writes is rolled back, so that the next one begins with the same ledger."""
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
        session.expunge_all()


#: How many rows each table has.
ROWS = select(*(select(func.count()).select_from(table).scalar_subquery() for table in Base.metadata.sorted_tables))


def rows(session: Session) -> tuple[int, ...]:
    """How many rows each table has, with nothing waiting to be written."""
    assert not session.new
    return tuple(session.execute(ROWS).one())


def written(session: Session, made: int) -> Case:
    """An assessment as it stands in the tables."""
    row = session.execute(select(StatusAssessment.__table__).where(StatusAssessment.id == made)).one()
    cited = select(Evidence.id, Evidence.url, Evidence.reports, AssessmentEvidence.relation).join(
        AssessmentEvidence, AssessmentEvidence.evidence_id == Evidence.id
    )
    evidence = session.execute(cited.where(AssessmentEvidence.assessment_id == made)).all()
    searched = select(SearchLog.searched_on).where(SearchLog.commitment_id == row.commitment_id)
    own = select(StatusAssessment.id).where(StatusAssessment.commitment_id == row.commitment_id)
    source = {source.id: source.url for source in evidence}
    taken = ("execution", "effective_on", "effective_precision", "reviewed_up_to", "outcome", "official_claim",
             "progress", "progress_share", "reason", "attribution", "confidence")  # fmt: skip
    return Case(
        Finding(
            **{name: getattr(row, name) for name in taken},
            summary=row.summary,
            evidence=tuple(Source(cited.url, cited.relation, cited.reports) for cited in evidence),
            claim_source=source.get(row.official_claim_source_id, "nowhere") if row.official_claim else None,
            corrects=row.corrects_id,
        ),
        own=frozenset(session.scalars(own.where(StatusAssessment.id < made))),
        searched=frozenset(session.scalars(searched)),
        recorded_at=row.recorded_at,
    )


def bare(case: Case) -> tuple[Any, ...]:
    """What of a finding must be the same once it is written."""
    found = case.found
    cited = {(source.url, source.relation, source.reports) for source in found.evidence}
    return (*(getattr(found, name) for name in ("execution", "effective_on", "reviewed_up_to", "outcome", "reason",
            "official_claim", "progress_share", "effective_precision", "corrects")), found.summary.strip(), cited)  # fmt: skip


# --- No sequence of calls yields a status without what it must rest on --------------------------------------------


@given(brought=brought_in_turn, codes=st.lists(st.sampled_from([PARK, PARK, DUE]), min_size=20, max_size=20))
def test_a_finding_is_written_with_all_it_rests_on_or_not_at_all(
    desk: Session, brought: list[Finding], codes: list[str]
) -> None:
    with undone(desk):
        analyst = audit.signer(desk, ANALYST)
        made = {record(desk, code, Execution.PLANNED, now=BEFORE).id: code for code in (PARK, DUE)}
        logged: list[tuple[str, date]] = []
        for code, found in zip(codes, brought, strict=False):
            earlier = dict(enumerate(made))
            finding = replace(found, corrects=earlier.get(found.corrects, found.corrects))
            searches = [(code, search.searched_on or TODAY) for search in finding.searches]
            case = Case(
                finding,
                own=frozenset(number for number, of in made.items() if of == code),
                searched=frozenset(day for of, day in logged + searches if of == code),
            )
            before = rows(desk)
            try:
                number = record_assessment(desk, commitment(desk, code), finding, analyst=analyst, now=NOW).id
            except RuleBroken:
                hypothesis.event("refused")
                assert lacks(GROUNDS | MANNERS, case)
                assert rows(desk) == before
            else:
                hypothesis.event("written")
                made[number] = code
                logged += searches
                assert not lacks(GROUNDS | MANNERS, case)
                stands = written(desk, number)
                assert not lacks(GROUNDS | ORDER, stands)
                assert bare(stands) == bare(case)


def put(connection: Connection, model: type[Base], **values: Any) -> int | None:
    """The key of a row put in past every function; none where the database refuses it."""
    table = Base.metadata.tables[model.__tablename__]
    try:
        with connection.begin_nested():
            return connection.execute(insert(table).values(**values)).inserted_primary_key[0]
    except DBAPIError:
        return None


def put_raw(connection: Connection, case: Case, of: int, analyst: int) -> int | None:
    """A finding put in row by row, its citations first; the key of the assessment, or none where it is refused."""
    found, number = case.found, 9000
    for day in sorted(case.searched):
        put(connection, SearchLog, commitment_id=of, searched_in="x", query="y", searched_on=day, analyst_id=analyst)
    cited: dict[str, int | None] = {}
    for source in found.evidence:
        cited[source.url] = put(connection, Evidence, url=source.url, reports=source.reports)
        if cited[source.url] is None:
            return None
        put(connection, AssessmentEvidence,
            assessment_id=number, evidence_id=cited[source.url], relation=source.relation)  # fmt: skip
    if found.claim_source and found.claim_source not in cited:
        cited[found.claim_source] = put(connection, Evidence, url=found.claim_source)
    claim = cited.get(found.claim_source) if found.claim_source else next(iter(cited.values()), None)
    return put(
        connection, StatusAssessment, id=number, commitment_id=of, execution=found.execution, outcome=found.outcome,
        official_claim=found.official_claim, official_claim_source_id=claim if found.official_claim else None,
        effective_on=found.effective_on, reviewed_up_to=found.reviewed_up_to, recorded_at=case.recorded_at,
        summary=found.summary.strip(), progress_share=found.progress_share, reason=found.reason,
        attribution=found.attribution, analyst_id=analyst, codebook_version="1", corrects_id=found.corrects,
    )  # fmt: skip


moments = st.sampled_from([NOW, NOW, BEFORE, BEFORE - timedelta(seconds=1)])


@given(brought=brought_in_turn, moment=moments)
def test_the_database_itself_takes_no_status_without_what_it_rests_on(
    desk: Session, brought: list[Finding], moment: datetime
) -> None:
    with undone(desk):
        author, second, of = audit.signer(desk, ANALYST).id, reviewer(desk).id, commitment(desk, PARK).id
        made = dict(enumerate(record(desk, code, Execution.PLANNED, now=BEFORE).id for code in (PARK, DUE)))
        for found in brought:
            finding = replace(found, corrects=made.get(found.corrects, found.corrects))
            days = frozenset(search.searched_on or TODAY for search in finding.searches)
            case = Case(finding, own=frozenset([made[0]]), searched=days, recorded_at=moment)
            if UNSTORABLE & set("".join(case.texts)) or math.isnan(finding.progress_share or 0):
                continue
            with undone(desk):
                number = put_raw(desk.connection(), case, of, author)
                hypothesis.event("taken" if number else "refused")
                assert (number is None) == bool(lacks(GROUNDS | ORDER, case)), lacks(GROUNDS | ORDER, case)
                if number:
                    assert not lacks(GROUNDS | ORDER, written(desk, number))
                    stands_as_it_is_and_waits_for_a_second_person(desk.connection(), number, moment, author, second)


def stands_as_it_is_and_waits_for_a_second_person(
    connection: Connection, number: int, moment: datetime, author: int, second: int
) -> None:
    page = put(connection, Evidence, url=PAGE)
    assert put(connection, AssessmentEvidence, assessment_id=number, evidence_id=page, relation="contradicts") is None
    verdict = {"assessment_id": number, "verdict": "approve"}
    assert put(connection, Review, **verdict, reviewer_id=author, recorded_at=moment) is None
    assert put(connection, Review, **verdict, reviewer_id=second, recorded_at=moment - DAY) is None
    assert put(connection, Review, **verdict, reviewer_id=second, recorded_at=moment + DAY)
    assert put(connection, Review, **verdict, reviewer_id=second, recorded_at=moment) is None


# --- Histories, and what a replay of them says --------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """One thing that was written down; its number is its place in the history."""

    number: int
    verb: str
    code: str
    recorded_at: datetime
    #: the day it is true of: of the status, the announcement, the value, or the step (planned or reached)
    day: date
    #: number of the event that it is about: the assessment that is corrected or reviewed, the step that is reached
    about: int | None = None
    said: dict[str, Any] = field(default_factory=dict)


#: What the text says of the deadline: its kind, and first and last day of the window.
DEADLINES: dict[str, tuple[str, date | None, date | None]] = {
    DUE: ("completion", date(2020, 1, 1), date(2020, 12, 31)),
    PARK: ("horizon", date(2020, 7, 1), date(2020, 12, 31)),
    CLAIM: ("none", None, None),
}

gaps = st.sampled_from([timedelta(0), timedelta(minutes=7), DAY, 20 * DAY, 60 * DAY])


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """What was written down, one after the other: mostly of one commitment, with two more beside it."""
    told: list[Event] = []
    clock = datetime(2020, 8, 31, 23, 58, tzinfo=UTC)
    for number in range(draw(st.integers(6, 18))):
        clock += draw(gaps)
        code = draw(st.sampled_from([DUE, DUE, PARK, CLAIM, CLAIM]))
        told.append(draw(events(number, code, clock, [event for event in told if event.code == code])))
    return told


@st.composite
def events(draw: st.DrawFn, number: int, code: str, clock: datetime, told: list[Event]) -> Event:
    """The next thing that is written down of a commitment."""
    assessed = [event.number for event in told if event.verb == "record"]
    steps = [event.number for event in told if event.verb == "plan"]
    verbs = ["record", "record", "record", "revise", "plan"]
    verbs += ["review", "review"] * bool(assessed) + ["reach"] * bool(steps) + ["measure"] * (code == CLAIM)
    verb = draw(st.sampled_from(verbs))
    about = {"record": [None, None, None, *assessed], "review": assessed[-2:], "reach": steps}.get(verb, [None])
    day = clock.date() - draw(st.sampled_from([1, 20, 60, 150])) * DAY
    if verb == "plan":
        day += draw(st.integers(-60, 300)) * DAY
    return Event(number, verb, code, clock, day, draw(st.sampled_from(about)), draw(SAID[verb]))


#: What is said of an event beside its day.
SAID: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "record": st.fixed_dictionaries(
        {
            "execution": st.sampled_from(Execution)
            | st.sampled_from([Execution.IN_PROGRESS, *map(Execution, sorted(DONE))]),
            "outcome": st.sampled_from(Outcome),
            "percent": maybe(st.integers(0, 20).map(lambda steps: 5 * steps)),
            "disputed": st.booleans(),
        }
    ),
    "review": st.fixed_dictionaries({"verdict": st.sampled_from(Verdict)}),
    "revise": st.fixed_dictionaries(
        {
            "until": st.dates(date(2020, 7, 1), date(2022, 6, 30)),
            "kind": st.sampled_from([DeadlineKind.COMPLETION] * 3 + [DeadlineKind.HORIZON]),
        }
    ),
    "measure": st.fixed_dictionaries({"value": st.integers(0, 60)}),
    "plan": st.just({}),
    "reach": st.just({}),
}


class Ledger:
    """Writes the events of a history down by the verbs of the field."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.analyst, self.reviewer = audit.signer(session, ANALYST), reviewer(session)
        #: number of an event → what it wrote
        self.made: dict[int | None, Any] = {}

    def write(self, event: Event) -> None:
        self.made[event.number] = getattr(self, event.verb)(event, now=event.recorded_at)

    def record(self, event: Event, now: datetime) -> StatusAssessment:
        execution, percent = event.said["execution"], event.said["percent"]
        supports = (COUNTED,) if execution.needs_evidence else ()
        against = (AGAINST,) if event.said["disputed"] else ()
        corrects = self.made[event.about].id if event.about is not None else None
        return record(
            self.session, event.code, execution, now=now, effective_on=event.day, reviewed_up_to=event.day,
            outcome=event.said["outcome"], progress_share=None if percent is None else percent / 100,
            evidence=supports + against, reason=Reason.MONEY, attribution=Attribution.CITY, corrects=corrects,
        )  # fmt: skip

    def review(self, event: Event, now: datetime) -> Review:
        verdict = event.said["verdict"]
        return review(self.session, self.made[event.about], verdict, reviewer=self.reviewer, note="缺依据", now=now)

    def revise(self, event: Event, now: datetime) -> Any:
        return revise_deadline(
            self.session, commitment(self.session, event.code), **event.said, text="延期至", announced_on=event.day,
            source=COUNTED, analyst=self.analyst, now=now,
        )  # fmt: skip

    def measure(self, event: Event, now: datetime) -> Any:
        figure = self.session.scalars(select(StatedFigure).where(StatedFigure.value == 41)).one()
        value = event.said["value"]
        return measure(self.session, figure, value, as_of=event.day, source=COUNTED, analyst=self.analyst, now=now)

    def plan(self, event: Event, now: datetime) -> Milestone:
        row = commitment(self.session, event.code)
        return plan_milestone(
            self.session, row, title_zh="封顶", planned_on=event.day, source=COUNTED, analyst=self.analyst, now=now
        )

    def reach(self, event: Event, now: datetime) -> Any:
        step = self.made[event.about]
        return reach_milestone(self.session, step, reached_on=event.day, source=COUNTED, analyst=self.analyst, now=now)

    def tell(self, cutoff: Cutoff) -> dict[str, Record]:
        """The records of the commitments of the history."""
        asked = CommitmentFilter(cutoff=cutoff)
        return {row["code"]: row for row in records(self.session, asked) if row["code"] in DEADLINES}

    def answer(self, cutoff: Cutoff) -> dict[str, dict[str, Any]]:
        """What the same questions say of them that a replay says, asked of these commitments alone."""
        rows = self.session.execute(commitments(CommitmentFilter(cutoff=cutoff)).where(Commitment.code.in_(DEADLINES)))
        stated = [row for row in self.session.execute(figures(cutoff)) if row.value == 41]
        steps = self.session.execute(milestones(cutoff)).all()
        return {
            row.code: {name: getattr(row, name) for name in REPLAYED}
            | {"found": stated[0].found if row.code == CLAIM else None}
            | {"late_days": [step.late_days for step in steps if step.commitment_id == row.id]}
            for row in rows
        }


#: Fields of a record that a replay tells, beside what was measured and reached.
REPLAYED = ("execution", "outcome", "effective_on", "verdict", "disputed", "due_on", "slippage_days", "elapsed_share",
            "timeliness", "light")  # fmt: skip

COUNTED = Source(PAGE, reports=EvidenceReports.STATISTICS)
AGAINST = Source(f"{PAGE}0", relation=EvidenceRelation.CONTRADICTS)


def replay(told: list[Event], code: str, cutoff: Cutoff) -> dict[str, Any]:
    """How a commitment stood: every event that was written by then, one after the other, in plain words."""
    written = [
        event for event in told
        if event.code == code and (cutoff.recorded_by is None or event.recorded_at.date() <= cutoff.recorded_by)
    ]  # fmt: skip
    known = [event for event in written if event.verb == "plan" or not cutoff.as_of or event.day <= cutoff.as_of]
    verdicts = {event.about: event.said["verdict"] for event in written if event.verb == "review"}
    corrected = {event.about for event in written if event.verb == "record"}
    standing = in_order(
        event for event in known
        if event.verb == "record" and event.number not in corrected and verdicts.get(event.number) != "return"
        and (verdicts.get(event.number) == "approve" or not cutoff.approved_only)
    )  # fmt: skip
    # To have found nothing stands only where nothing was found.
    standing.sort(key=lambda event: event.said["execution"] not in {"not_reviewed", "no_evidence_found"})
    last = standing[-1] if standing else None
    measured = in_order(event for event in known if event.verb == "measure")
    return {
        "execution": last.said["execution"] if last else "not_reviewed",
        "outcome": last.said["outcome"] if last else "unknown",
        "effective_on": last and last.day,
        "verdict": verdicts.get(last.number) if last else None,
        "disputed": bool(last and last.said["disputed"] and last.said["execution"] not in RESTS_ON_NO_SOURCE),
        **paced(known, standing, code, cutoff.day()),
        "found": measured[-1].said["value"] if measured else None,
        "late_days": late_days(known, cutoff.day()),
    }


def in_order(events: Iterator[Event]) -> list[Event]:
    """By the day they are true of; of one day, as they were written."""
    return sorted(events, key=lambda event: (event.day, event.number))


def paced(known: list[Event], standing: list[Event], code: str, today: date) -> dict[str, Any]:
    """Where a commitment stands against its time."""
    kind, start, end = DEADLINES[code]
    slippage = None
    for event in in_order(event for event in known if event.verb == "revise"):
        due_before = DEADLINES[code][2] if DEADLINES[code][0] == "completion" else None
        kind, end, start = event.said["kind"], event.said["until"], DEADLINES[code][1] or event.day
        slippage = (end - due_before).days if due_before and kind == "completion" else None
    if kind != "completion":
        return dict.fromkeys(("due_on", "slippage_days", "elapsed_share", "light")) | {"timeliness": "no_deadline"}
    gone = elapsed(standing, start, end)
    told = {"due_on": end, "slippage_days": slippage, "elapsed_share": gone and pytest.approx(float(gone))}
    return told | pace(standing, start, end, gone, today)


def elapsed(standing: list[Event], start: date, end: date) -> Fraction | None:
    """Share of the window that was gone when progress was measured; none where it was not, or there is no window."""
    if not standing or standing[-1].said["percent"] is None or end <= start:
        return None
    return min(max(Fraction((standing[-1].day - start).days, (end - start).days), Fraction(0)), Fraction(1))


def pace(standing: list[Event], start: date, end: date, gone: Fraction | None, today: date) -> dict[str, Any]:
    """Timeliness and light of what falls due, in whole days and whole points of a hundred."""
    last = standing[-1] if standing else None
    if last and last.said["execution"] in DONE:
        done_on = first_day_of_completion(standing)
        early = 10 * (end - done_on).days >= (end - start).days > 0
        return {
            "timeliness": "done_late" if done_on > end else "done_early" if early else "done_on_time",
            "light": None,
        }
    if end < today:
        return {"timeliness": "overdue", "light": "red"}
    if last is None or last.said["percent"] is None:
        return {"timeliness": "not_due", "light": None}
    if gone is None:
        return {"timeliness": "on_schedule", "light": "green"}
    behind = 100 * gone - last.said["percent"]
    return {
        "timeliness": "behind" if behind >= 10 else "ahead" if behind <= -10 else "on_schedule",
        "light": "red" if behind >= 30 else "yellow" if behind >= 10 else "green",
    }


def first_day_of_completion(standing: list[Event]) -> date:
    """The day it was first found done since it was last found undone; a search that finds nothing undoes nothing."""
    since: date | None = None
    for event in standing:
        if event.said["execution"] in DONE:
            since = since or event.day
        elif event.said["execution"] not in RESTS_ON_NO_SOURCE:
            since = None
    assert since
    return since


def late_days(known: list[Event], today: date) -> list[int | None]:
    """Of each step, in the order of their planned days."""
    late = []
    for step in in_order(event for event in known if event.verb == "plan"):
        reached = in_order(event for event in known if event.verb == "reach" and event.about == step.number)
        by = reached[-1].day if reached else today
        late.append((by - step.day).days if reached or by > step.day else None)
    return late


def asked_of(told: list[Event]) -> st.SearchStrategy[Cutoff]:
    """A point on both time axes, mostly on a day on which something happened or was noted, or the day before or after."""
    happened = [one.day for one in told] + [one.said["until"] for one in told if one.verb == "revise"]
    noted = [one.recorded_at.date() for one in told]
    return st.builds(
        lambda as_of, step, recorded_by, other_step, approved_only: Cutoff(
            as_of and as_of + step * DAY, recorded_by and recorded_by + other_step * DAY, approved_only
        ),
        maybe(st.sampled_from(happened) | st.dates(date(2020, 6, 1), date(2023, 1, 1))),
        st.sampled_from([0, -1, 1]),
        maybe(noted),
        st.sampled_from([0, -1, 1]),
        st.sampled_from([False, False, True]),
    )


@given(told=histories(), data=st.data())
def test_what_is_told_as_of_any_day_is_a_replay_of_what_was_written(
    desk: Session, told: list[Event], data: st.DataObject
) -> None:
    with undone(desk):
        ledger = Ledger(desk)
        for one in told:
            ledger.write(one)
        for cutoff in data.draw(st.lists(asked_of(told), min_size=7, max_size=7)):
            assert ledger.answer(cutoff) == {code: replay(told, code, cutoff) for code in DEADLINES}, cutoff


@given(told=histories(), data=st.data())
def test_what_had_been_written_by_a_day_is_told_the_same_for_ever(
    desk: Session, told: list[Event], data: st.DataObject
) -> None:
    with undone(desk):
        ledger = Ledger(desk)
        now = data.draw(st.sampled_from(told))
        for one in told[: now.number]:
            ledger.write(one)
        by = replace(data.draw(asked_of(told)), recorded_by=now.recorded_at.date() - DAY)
        answers = ledger.tell(by)
        for one in told[now.number :]:
            ledger.write(one)
        assert ledger.tell(by) == answers


@given(told=histories())
def test_nothing_is_written_into_the_past_of_what_it_is_about(desk: Session, told: list[Event]) -> None:
    with undone(desk):
        ledger = Ledger(desk)
        for one in told:
            ledger.write(one)
        for again in told:
            with pytest.raises(DBAPIError, match=r"past of the record|comes after"), desk.begin_nested():
                ledger.write(replace(again, recorded_at=again.recorded_at - timedelta(microseconds=1)))


@given(told=histories(), data=st.data())
def test_a_share_of_completion_is_counted_from_the_records(
    desk: Session, told: list[Event], data: st.DataObject
) -> None:
    with undone(desk):
        ledger = Ledger(desk)
        for one in told:
            ledger.write(one)
        asked = CommitmentFilter(cutoff=data.draw(asked_of(told)))
        told_of = [row for row in records(desk, asked) if row["is_leaf"] or row["stands_alone"]]
        for row in completion(desk.execute(census(asked)).all()):
            assert row.items() >= recount(row["city"], told_of, asked.cutoff.day()).items()
            assert row["lowest"] <= row["completed"] <= row["highest"] <= row["of_all"]
            for group in ("checkable", "due", "reviewed"):
                assert row[f"completed_{group}"] <= row[f"of_{group}"] <= row["of_all"]


def recount(city: str, told_of: list[Record], today: date) -> dict[str, int]:
    """The counts of a city, one record after the other."""
    here = [row for row in told_of if row["city"] == city]
    groups = {
        "": here,
        "_checkable": [row for row in here if row["checkability"] != "low"],
        "_due": [row for row in here if row["due_on"] and row["due_on"] < today],
        "_reviewed": [row for row in here if row["execution"] != "not_reviewed"],
    }
    counts = {f"completed{name}": sum(row["execution"] in DONE for row in group) for name, group in groups.items()}
    counts |= {f"of{name or '_all'}": len(group) for name, group in groups.items()}
    open_ = sum(row["execution"] in {"not_reviewed", "no_evidence_found", "not_assessable"} for row in here)
    return counts | {"lowest": counts["completed"], "highest": counts["completed"] + open_}
