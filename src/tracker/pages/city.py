"""The page of a city: its commitments under the questions that were asked, or those that the address asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import charts, ledgers, outline, policies, registers, tallies
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.ledgers import ObstacleFilter
from tracker.pages import address, formats, lists
from tracker.pages.charts import drawn, rows_behind
from tracker.policies import PolicyFilter


def page(session: Session, name: str) -> ResponseReturnValue:
    """The page of the city with that slug, GB/T code or Chinese name; its one address is by slug."""
    documents = address.documents_of(session, name)
    city = documents[0]
    if name != city.city_slug:
        return redirect(url_for("pages.city", name=city.city_slug) + address.here().rstrip("?"))
    form, asked = formats.wanted(), address.asked((city.city_code,))
    if form != "html":
        return lists.data(session, asked, form, city.city_slug)
    whole = replace(CommitmentFilter(cities=asked.cities), cutoff=asked.cutoff)
    counted = session.execute(tallies.census(whole)).all()
    fits = registers.counted(session, asked) if asked != whole else registers.of_census(counted)
    sheet = lists.sheet(session, asked, outline.BY_QUESTION, fits, is_narrowed=asked != whole)
    shown = {answer.record["document"] for answer in sheet.answers}
    title = t(f"{city.city}的承诺", f"Commitments of {city.city_en}")
    about = t(f"{city.city}市长的承诺：原话、状态和依据。",
              f"What the mayor of {city.city_en} promised: the words, the status, the evidence.")  # fmt: skip
    return render_template(
        "city.html",
        city=city,
        sheet=sheet,
        documents=[document for document in documents if document.key in shown] or documents[:1],
        of_documents=len({document.key for document in documents}),
        completed=next(iter(tallies.completion(counted)), None),
        overview=_overview(session, documents, whole, counted) if sheet.is_first and not sheet.is_narrowed else {},
        **lists.around(asked, title, about, {}),
    )


def _overview(
    session: Session, documents: Sequence[Row[Any]], whole: CommitmentFilter, counted: Sequence[Row[Any]]
) -> dict[str, Any]:
    """What the whole of a city's commitments comes to, and the lists that it keeps. What there is not is not asked."""
    city, of = documents[0], registers.of_census(counted).followable
    behind: dict[str, Any] = {"language": current(), "address": rows_behind({city.city_code: city.city_slug})}
    made = [
        charts.status_by_kind(tallies.by_kind(counted), whole, **behind),
        charts.pace(session, documents, of, whole.cutoff, **behind),
        *([charts.stated_and_found(session, whole, **behind)] if city.measured else []),
    ]
    asked = {"city_code": city.city_code, "cutoff": whole.cutoff}
    return {
        "charts": [drawn(chart, city=city.city_slug) for chart in made if chart.spec],
        "policies": list(policies.lines(session, PolicyFilter(**asked))) if city.policies else [],
        "obstacles": list(ledgers.lines(session, ObstacleFilter(**asked))) if city.obstacles else [],
    }
