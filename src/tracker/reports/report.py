"""What stands in the report of a city."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from tracker import charts, checkpoints, outline, sources, tallies
from tracker.charts import Chart
from tracker.charts.chart import speaking
from tracker.codebook import Execution, LicenceMode
from tracker.datasets.descriptor import LICENCE, RIGHTS, Edition
from tracker.datasets.resource import Scope
from tracker.filters import CommitmentFilter
from tracker.models import SourceDocument
from tracker.records import WITHHELD, Record, records
from tracker.reports import wording
from tracker.standings import Cutoff
from tracker.tallies import OfKind


@dataclass(frozen=True)
class Part:
    """A commitment of the report: its record, its quote where the licence lets it be shown, and what is known of it."""

    record: Record
    quote: str | None
    evidence: Sequence[Row[Any]]
    searches: Sequence[Row[Any]]
    #: sentences on what nobody knows yet
    unknown: list[str]

    @property
    def is_followable(self) -> bool:
        """Whether it is counted; else it only groups its parts."""
        return outline.is_followable(self.record)


@dataclass(frozen=True)
class Head:
    """A head (none where it is not published) and its parts."""

    code: str
    title: str
    own: Part | None
    parts: list[Part]


@dataclass(frozen=True)
class Report:
    """The report of a city at a point of both time axes, in `zh` or `en`."""

    language: str
    city: str
    title: str
    #: the days that it is of
    days: str
    documents: Sequence[Row[Any]]
    #: denominator, how many are completed, of how many
    completed: list[tuple[str, int, int]]
    #: how many would be completed if everything unknown were not, or were
    band: tuple[int, int, int]
    #: status, how many, of how many
    statuses: list[tuple[Execution, int, int]]
    heads: list[Head]
    charts: list[Chart] = field(default_factory=list)
    citation: str = ""
    licence: str = LICENCE["name"]
    rights: str = ""


def report(
    session: Session, documents: Sequence[Row[Any]], cutoff: Cutoff, edition: Edition, language: str, *, drawn: bool
) -> Report:
    """The report of the city that `documents` are of (`sources.of_city`, at least one); with charts where `drawn`."""
    t, city = speaking(language), documents[0]
    asked = CommitmentFilter(cities=(city.city_code,), cutoff=cutoff)
    census = tallies.taken(session, asked)
    counted = census.of_kinds
    completed: dict[str, Any] = next(iter(census.completed), defaultdict(int))
    of = completed["of_all"]
    title = t(f"{city.city}的承诺：逐条报告", f"Commitments of {city.city_en}: a report")
    said = edition.citation()
    return Report(
        language=language,
        city=t(city.city, city.city_en),
        title=title,
        days=wording.days(edition, t),
        documents=documents,
        completed=[(t(zh, en), completed[done], completed[all_]) for done, all_, zh, en in wording.DENOMINATORS],
        band=(completed["lowest"], completed["highest"], of),
        statuses=[(code, number, of) for code, number in _statuses(counted).items() if number],
        heads=_heads(session, asked, city.city_code, language),
        charts=_charts(session, documents, counted, asked, language) if drawn else [],
        citation=f"{title}{t('。', '. ')}{t(said[0], said[1])}",
        rights=t(*RIGHTS),
    )


def edition(session: Session, city_code: str, cutoff: Cutoff, key: Any) -> tuple[Edition, str]:
    """Which state of the ledger a report is of, and the signed checkpoint of it."""
    signed = checkpoints.checkpoint(session, key)
    (anchor,) = checkpoints.read(signed)
    return Edition(Scope(CommitmentFilter(cities=(city_code,), cutoff=cutoff)), anchor), signed


def _statuses(counted: Sequence[OfKind]) -> dict[Execution, int]:
    numbers = dict.fromkeys(Execution, 0)
    for row in counted:
        numbers[row.execution] += row.number
    return numbers


def _heads(session: Session, asked: CommitmentFilter, city_code: str, language: str) -> list[Head]:
    evidence = _by_code(session.execute(sources.evidence(city_code, asked.cutoff)).all())
    searches = _by_code(session.execute(sources.searches(city_code, asked.cutoff)).all())
    modes = _licences(session)
    t, rows = speaking(language), list(records(session, asked))
    heads = {row["code"]: row for row in rows}

    def part(row: Record) -> Part:
        withheld = WITHHELD[modes[row["document"]]]
        quote = None if "quote" in withheld else row["focus"] or row["quote"]
        # Where only approved judgements are shown, a search that led to none would tell of it.
        looked = searches.get(row["code"], []) if row["recorded_at"] or not asked.cutoff.approved_only else []
        cited = evidence.get(row["code"], [])
        return Part(row, quote, cited, looked, wording.unknown(row, cited, looked, t))

    made = []
    for code, group in groupby(rows, key=lambda row: row["parent"] or row["code"]):
        head = heads.get(code)
        own = part(head) if head else None
        title = t(head["title_zh"], head["title_en"]) if head else ""
        made.append(Head(code, title, own, [part(row) for row in group if row["code"] != code]))
    return made


def _by_code(rows: Sequence[Row[Any]]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.commitment].append(row)
    return found


def _licences(session: Session) -> dict[str, LicenceMode]:
    rows = session.execute(select(SourceDocument.key, SourceDocument.licence_mode)).all()
    return {row.key: row.licence_mode for row in rows}


def _charts(
    session: Session, documents: Sequence[Row[Any]], counted: Sequence[OfKind], asked: CommitmentFilter, language: str
) -> list[Chart]:
    behind: dict[str, Any] = {"language": language, "address": lambda **_asked: ""}
    followable = sum(row.number for row in counted)
    made = [
        charts.status_by_kind(counted, asked, **behind),
        charts.pace(session, documents, followable, asked.cutoff, **behind),
        *([charts.stated_and_found(session, asked, **behind)] if documents[0].measured else []),
    ]
    return [chart for chart in made if chart.spec]
