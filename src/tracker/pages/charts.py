"""The charts of the pages, and their files to download: `/charts/<name>.svg` and `.png`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask import Response, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker import charts, queries, registers, sources, tallies
from tracker.charts import Chart
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.pages import address

#: What a file of a chart is sent as.
_FILES: dict[str, tuple[str, Callable[[Chart], bytes]]] = {
    "svg": ("image/svg+xml", charts.file),
    "png": ("image/png", charts.png),
}

#: Charts by the name in their address: of all cities or one (`?city=`), of one city, of a commitment (`?code=`).
NAMES = ("status-by-kind", "pace", "stated-and-found", "timeline")


class UnknownChart(NotFound):
    """There is no such chart; `links` leads to those there are."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.links = [
            (url_for("pages.chart", name="status-by-kind", form=form), f"status-by-kind.{form}") for form in _FILES
        ]


def rows_behind(slugs: dict[str, str]) -> charts.Address:
    """Makes the address of the rows behind a mark; `slugs` are those of the cities, by GB/T code."""

    def behind(
        *,
        cities: Iterable[str] = (),
        kinds: Iterable[str] = (),
        executions: Iterable[str] = (),
        as_of: date | None = None,
        code: str = "",
        row: str = "",
    ) -> str:
        asked: dict[str, Any] = {"status": [str(one) for one in executions], "kind": [str(one) for one in kinds]}
        if as_of:
            asked["as_of"] = as_of.isoformat()
        if code:
            return address.kept("pages.commitment", code=code, _anchor=row or None)
        places = [slugs[city] for city in cities]
        if len(places) == 1:
            return address.kept("pages.city", name=places[0], **asked)
        return address.kept("pages.commitments", city=places, **asked)

    return behind


def drawn(chart: Chart, **question: str) -> tuple[Chart, Markup, str, str]:
    """A chart as a page shows it: with its drawing and the addresses of its files, which `question` asks for."""
    name = next(name for name in NAMES if chart.name.startswith(name))
    svg, png = (address.kept("pages.chart", name=name, form=form, **question) for form in ("svg", "png"))
    return chart, charts.svg(chart), svg, png


def file(session: Session, name: str, form: str) -> Response:
    """The chart of that name as `svg` or `png`, for the `city` or `code` that the address names."""
    if name not in NAMES or form not in _FILES:
        raise UnknownChart(t("没有这张图。图有：", "There is no such chart. There are, for example:"))
    chart = _chart(session, name)
    kind, made = _FILES[form]
    response = Response(content_type=kind)
    response.set_etag(f"{charts.etag(chart)}-{form}")
    response.vary.update(["Accept-Language", "Cookie"])
    if response.make_conditional(request).status_code != 304:
        try:
            response.set_data(made(chart))
        except charts.NothingToDraw as nothing:
            raise NotFound(str(nothing)) from None
        response.headers.set("Content-Disposition", "inline", filename=f"{chart.name}.{form}")
    return response


def _chart(session: Session, name: str) -> Chart:
    cutoff, code = address.cutoff(), request.args.get("code", "").strip()
    cities = session.execute(queries.cities()).all()
    behind: dict[str, Any] = {"language": current(), "address": rows_behind({city.code: city.slug for city in cities})}
    if name == "timeline":
        try:
            return charts.timeline(session, code, cutoff, **behind)
        except LookupError:
            raise UnknownChart(t("没有这条承诺。", "There is no such commitment.")) from None
    asked = CommitmentFilter(cities=address.places(cities), code=code or None, cutoff=cutoff)
    if name == "stated-and-found":
        return charts.stated_and_found(session, asked, **behind)
    if name == "status-by-kind":
        return charts.status_by_kind(tallies.taken(session, asked).of_kinds, asked, **behind)
    if len(asked.cities) != 1:
        raise address.UnknownValue(t("请用 city 指明一个城市。", "Name one city with `city`."))
    documents = session.execute(sources.of_city(asked.cities[0])).all()
    of = registers.counted(session, CommitmentFilter(asked.cities, cutoff=cutoff)).followable
    return charts.pace(session, documents, of, cutoff, **behind)
