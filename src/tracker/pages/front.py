"""The front page: the cities side by side, and what was written down last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import charts, news, queries, sources, tallies, written
from tracker.codebook import Coded, Execution, Kind
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.pages import address, citation, conditions, formats, lists
from tracker.pages.charts import drawn, rows_behind
from tracker.tallies import OfKind

#: Most cities that are set side by side. More are listed, and each has its numbers on its own page.
_SIDE_BY_SIDE = 12


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
    """The page; as data, how many commitments of each city and kind have each status; to follow, all commitments."""
    form, asked = formats.wanted(formats.FOLLOWED), CommitmentFilter(cutoff=address.cutoff())
    if form in formats.FOLLOWED:
        which, all_of_them = conditions.asked(session), t("全部承诺", "All commitments")
        return lists.followed(session, which, form, all_of_them, "commitments", conditions.said(which))
    if form != "html":
        said = formats.meta(asked.cutoff, list="status-by-kind", counted="followable commitments")
        stored = written.by_kind(session, asked) if form == "json" else None
        rows = stored or (row._asdict() for row in tallies.taken(session, asked).of_kinds)
        return formats.answer(rows, form, "status-by-kind", said, tallies.OfKind._fields)
    census = tallies.taken(session, asked, _SIDE_BY_SIDE)
    cities: Sequence[Any] = census.completed
    beside = len(cities) <= _SIDE_BY_SIDE
    documents = session.execute(sources.documents()).all() if beside else []
    if beside:
        cities = list({document.city_code: document for document in documents}.values())
    by_kind = census.of_kinds if beside else []
    behind = rows_behind({document.city_code: document.city_slug for document in documents})
    title = t("说了什么，做得怎样", "What was promised, and what became of it")
    return render_template(
        "front.html",
        title=title,
        cities=cities,
        documents=documents,
        texts=None if beside else session.scalar(queries.number_of_texts()),
        kinds=_tally("kind", Kind, by_kind),
        statuses=_tally("execution", Execution, by_kind),
        completed={row["city_code"]: row for row in census.completed},
        chart=drawn(charts.status_by_kind(by_kind, asked, language=current(), address=behind)) if beside else None,
        most=_SIDE_BY_SIDE,
        news=news.latest(session, asked),
        cutoff=asked.cutoff,
        citation=citation.citation(title, asked.cutoff),
        described=citation.dataset(title, t("各市承诺的状态。", "Status of each city’s commitments."), asked.cutoff),
    )


def _tally(by: str, codes: type[Coded], rows: Sequence[OfKind]) -> Tally:
    counts: Counter[tuple[str, str]] = Counter()
    of: Counter[str] = Counter()
    for row in rows:
        counts[getattr(row, by), row.city_code] += row.number
        of[row.city_code] += row.number
    used = {value for value, _ in counts}
    return Tally("status" if by == "execution" else by, [code for code in codes if code in used], counts, of)
