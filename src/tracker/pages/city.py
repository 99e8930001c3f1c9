"""The page of a city: its commitments under the questions that were asked, or those that the address asks for."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import charts, ledgers, outline, policies, sources, tallies
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.ledgers import ObstacleFilter
from tracker.pages import address, formats, lists
from tracker.pages.charts import drawn, rows_behind
from tracker.policies import PolicyFilter


def page(session: Session, name: str) -> ResponseReturnValue:
    """The page of the city with that slug, GB/T code or Chinese name; its one address is by slug."""
    city = address.place(session, name)
    if name != city.slug:
        return redirect(url_for("pages.city", name=city.slug) + address.here().rstrip("?"))
    form, asked = formats.wanted(), address.asked((city.code,))
    if form != "html":
        return lists.data(session, asked, form, city.slug)
    whole = lists.unfiltered(asked)
    sheet = lists.sheet(session, asked, whole, outline.BY_QUESTION)
    title = t(f"{city.name_zh}的承诺", f"Commitments of {city.name_en}")
    about = t(f"{city.name_zh}市长的承诺：原话、状态和依据。",
              f"What the mayor of {city.name_en} promised: the words, the status, the evidence.")  # fmt: skip
    return render_template(
        "city.html",
        city=city,
        sheet=sheet,
        documents=session.execute(sources.documents(city.code)).all(),
        completed=next(iter(session.execute(tallies.completion(whole))), None),
        overview=_overview(session, city, whole) if sheet.is_first and not sheet.is_narrowed else {},
        **lists.around(asked, title, about, {}),
    )


def _overview(session: Session, city: Row[Any], whole: CommitmentFilter) -> dict[str, Any]:
    """What the whole of a city's commitments comes to, and the lists that the city keeps."""
    behind: dict[str, Any] = {"language": current(), "address": rows_behind({city.code: city.slug})}
    made = [
        charts.status_by_kind(session, whole, **behind),
        charts.pace(session, city.code, whole.cutoff, **behind),
        charts.stated_and_found(session, whole, **behind),
    ]
    return {
        "charts": [drawn(chart, city=city.slug) for chart in made if chart.spec],
        "policies": list(policies.lines(session, PolicyFilter(city.code, whole.cutoff))),
        "obstacles": list(ledgers.lines(session, ObstacleFilter(city.code, cutoff=whole.cutoff))),
    }
