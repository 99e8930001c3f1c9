"""The page of a city: its commitments under the questions that were asked, or those that the address asks for;
and the page of what they come to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import charts, ledgers, outline, policies, sources, tallies
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.ledgers import ObstacleFilter
from tracker.pages import address, citation, conditions, formats, lists
from tracker.pages.charts import drawn, rows_behind
from tracker.policies import PolicyFilter
from tracker.rows import read
from tracker.standings import Cutoff

#: To how many texts of a city its page counts.
_MOST_TEXTS = 200


def page(session: Session, name: str) -> ResponseReturnValue:
    """The page of the city with that slug, GB/T code or Chinese name; its one address is by slug."""
    city = address.city(session, name)
    if name != city.city_slug:
        return redirect(url_for("pages.city", name=city.city_slug) + address.here().rstrip("?"))
    form, asked = formats.wanted(formats.FOLLOWED), conditions.asked(session, city.city_code)
    title = t(f"{city.city}的承诺", f"Commitments of {city.city_en}")
    if form in formats.FOLLOWED:
        return lists.followed(session, asked, form, title, city.city_slug, conditions.said(asked))
    if form != "html":
        return lists.data(session, asked, form, city.city_slug)
    is_narrowed = asked != _whole(asked)
    sheet = lists.sheet(session, asked, outline.BY_QUESTION, is_narrowed=is_narrowed, with_reviewed=not is_narrowed)
    shown = sorted({answer.record["document_id"] for answer in sheet.answers}) or [city.first_document]
    of_page = {"ids": shown, "city": city.city_code, "enough": _MOST_TEXTS + 1}
    documents = read(session, sources.of_page(), of_page)
    about = t(f"{city.city}的承诺：原话、状态和依据。",
              f"Commitments of {city.city_en}: the words, the status, the evidence.")  # fmt: skip
    return render_template(
        "city.html",
        city=city,
        sheet=sheet,
        documents=documents,
        of_documents=documents[0].of_documents,
        most_documents=_MOST_TEXTS,
        keeps=_kept(session, city, asked.cutoff) if sheet.is_first and not is_narrowed else {},
        **lists.around(session, asked, title, about, {}),
    )


def _whole(asked: CommitmentFilter) -> CommitmentFilter:
    """The same city at the same point of time, with nothing else asked."""
    return replace(CommitmentFilter(cities=asked.cities), cutoff=asked.cutoff)


def _kept(session: Session, city: Row[Any], cutoff: Cutoff) -> dict[str, Any]:
    """The lists that a city keeps. What there is not is not asked."""
    asked = {"city_code": city.city_code, "cutoff": cutoff}
    return {
        "policies": list(policies.lines(session, PolicyFilter(**asked))) if city.policies else [],
        "obstacles": list(ledgers.lines(session, ObstacleFilter(**asked))) if city.obstacles else [],
    }


def overview(session: Session, name: str) -> ResponseReturnValue:
    """What the whole of a city's commitments comes to: shares of completion, and charts with their numbers."""
    documents = address.documents_of(session, name)
    city, cutoff = documents[0], address.cutoff()
    if name != city.city_slug:
        return redirect(url_for("pages.city_charts", name=city.city_slug) + address.here().rstrip("?"))
    asked = CommitmentFilter(cities=(city.city_code,), cutoff=cutoff)
    census = tallies.taken(session, asked)
    completed = next(iter(census.completed), None)
    behind: dict[str, Any] = {"language": current(), "address": rows_behind({city.city_code: city.city_slug})}
    of = completed["of_all"] if completed else 0
    made = [
        charts.status_by_kind(census.of_kinds, asked, **behind),
        charts.pace(session, documents, of, cutoff, **behind),
        *([charts.stated_and_found(session, asked, **behind)] if city.measured else []),
    ]
    title = t(f"{city.city}的承诺：比例与图", f"Commitments of {city.city_en}: shares and charts")
    return render_template(
        "city_charts.html",
        city=city,
        title=title,
        completed=completed,
        charts=[drawn(chart, city=city.city_slug) for chart in made if chart.spec],
        cutoff=cutoff,
        citation=citation.citation(title, cutoff),
        described=citation.dataset(title, title, cutoff),
    )
