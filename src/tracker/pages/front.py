"""The front page: the cities side by side, and what was written down last."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import charts, news, queries, series, sources, tallies
from tracker.codebook import Coded, Execution, Kind
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.pages import address, citation, formats
from tracker.pages.charts import drawn, rows_behind


@dataclass(frozen=True)
class Tally:
    """How many followable commitments of a city (GB/T code) have a value, and of how many."""

    #: the parameter of a list's address that asks for a value
    name: str
    values: list[Coded]
    counts: dict[tuple[str, str], int]
    of: dict[str, int]

    def count(self, value: str, city_code: str) -> int:
        return self.counts.get((value, city_code), 0)

    def largest(self) -> int:
        return max(self.counts.values(), default=1)


def page(session: Session) -> ResponseReturnValue:
    """The page; as data, how many commitments of each city and kind have each status."""
    form, asked = formats.wanted(), CommitmentFilter(cutoff=address.cutoff())
    if form != "html":
        rows = [dict(row) for row in session.execute(series.kinds(asked)).mappings()]
        fields = [column.name for column in series.kinds(asked).selected_columns]
        said = formats.meta(asked.cutoff, list="status-by-kind", counted="followable commitments")
        return formats.answer(rows, form, "status-by-kind", said, fields)
    cities = session.execute(queries.cities()).all()
    behind = rows_behind({city.code: city.slug for city in cities})
    title = t("说了什么，做得怎样", "What was promised, and what became of it")
    return render_template(
        "front.html",
        title=title,
        cities=cities,
        documents=session.execute(sources.documents()).all(),
        kinds=_tally(session, "kind", Kind, asked),
        statuses=_tally(session, "execution", Execution, asked),
        completed={row.city_code: row for row in session.execute(tallies.completion(asked))},
        chart=drawn(charts.status_by_kind(session, asked, language=current(), address=behind)),
        news=news.latest(session, asked.cutoff),
        cutoff=asked.cutoff,
        citation=citation.citation(title, asked.cutoff),
        described=citation.dataset(title, t("各市承诺的状态。", "Status of each city’s commitments."), asked.cutoff),
    )


def _tally(session: Session, by: str, codes: type[Coded], asked: CommitmentFilter) -> Tally:
    rows = session.execute(tallies.tally(by, asked)).mappings().all()
    counts = {(row["value"], row["city_code"]): int(row["count"]) for row in rows}
    used = {value for value, _ in counts}
    of = {row["city_code"]: int(row["of"]) for row in rows}
    return Tally("status" if by == "execution" else by, [code for code in codes if code in used], counts, of)
