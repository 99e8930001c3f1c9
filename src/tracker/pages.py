"""The readers' pages: what was promised, in whose words, and what became of it. Nothing here writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy import Row
from sqlalchemy.orm import Session, scoped_session
from werkzeug.exceptions import BadRequest, NotFound

from tracker import language, outline, queries, sources
from tracker.codebook import Coded, Execution, Kind
from tracker.language import label, t
from tracker.queries import CommitmentFilter
from tracker.records import records
from tracker.standings import Cutoff

#: Longest search: more is no search, and SQLite refuses very long patterns.
_LONGEST_SEARCH = 100

#: Years that a day to look back from can lie in.
_YEARS = range(1900, 3000)

#: Chinese words in a text, with what stands between them.
_CHINESE = re.compile("[\u4e00-\u9fff《](?:[、《》\u4e00-\u9fff]*[》\u4e00-\u9fff])?")

_Code = TypeVar("_Code", bound=Coded)


class UnknownCity(NotFound):
    """No city of that name has commitments; `links` leads to those that do."""

    def __init__(self, name: str, places: Sequence[Row[Any]]) -> None:
        super().__init__(t(f"这里没有“{name}”的承诺。现有城市：", f"There is nothing about “{name}”. The cities are:"))
        self.links = [(url_for("pages.city", name=place.slug), t(place.name_zh, place.name_en)) for place in places]


class UnknownValue(BadRequest):
    """A page was asked for by a value that does not exist; `links` leads to the same page by those that do."""

    def __init__(self, why: str, name: str = "", allowed: Iterable[Coded] = ()) -> None:
        super().__init__(why)
        self.links = [(here(**{name: code.value}), label(code)) for code in allowed]


@dataclass(frozen=True)
class Tally:
    """How many followable commitments of a city (GB/T code) have a value, and of how many."""

    values: list[Coded]
    counts: dict[tuple[str, str], int]
    of: dict[str, int]

    def count(self, value: str, city_code: str) -> int:
        return self.counts.get((value, city_code), 0)

    def largest(self) -> int:
        return max(self.counts.values(), default=1)


def blueprint(session: scoped_session[Session]) -> Blueprint:
    """The front page and a page for each city."""
    pages = Blueprint("pages", __name__)
    pages.add_app_template_global(here, "here")
    pages.add_app_template_filter(marked, "marked")

    @pages.get("/")
    def front() -> str:
        asked = CommitmentFilter(cutoff=_cutoff())
        return render_template(
            "front.html",
            cities=session.execute(queries.cities()).all(),
            documents=session.execute(sources.documents()).all(),
            kinds=_tally(session(), "kind", Kind, asked),
            statuses=_tally(session(), "execution", Execution, asked),
            cutoff=asked.cutoff,
        )

    @pages.get("/cities/<name>")
    def city(name: str) -> ResponseReturnValue:
        place = _place(session(), name)
        if name != place.slug:
            return redirect(url_for("pages.city", name=place.slug) + here().rstrip("?"))
        return _city(session(), place)

    return pages


def _city(session: Session, place: Row[Any]) -> str:
    """The page of a city: every commitment under its question, or those that the address asks for."""
    asked = _asked(place.code)
    whole = CommitmentFilter(city_code=place.code, cutoff=asked.cutoff)
    rows = list(records(session, whole))
    found = {row["code"] for row in (rows if asked == whole else records(session, asked))}
    cited = session.execute(sources.evidence(place.code, asked.cutoff)).all()
    tied = {link["code"] for row in rows for link in row["links"]}
    return render_template(
        "city.html",
        city=place,
        documents=session.execute(sources.documents(place.code)).all(),
        answers=outline.answers(rows, found),
        followable=[row for row in rows if outline.is_followable(row)],
        found=[row for row in rows if row["code"] in found],
        asked=asked,
        is_filtered=asked != whole,
        slugs={row.code: row.slug for row in session.execute(sources.cities_of(tied))},
        evidence={code: list(group) for code, group in groupby(cited, key=attrgetter("commitment"))},
        kinds=list(Kind),
        statuses=list(Execution),
    )


def here(**changes: str) -> str:
    """The address of this page, relative to itself, with some parameters changed."""
    return "?" + urlencode({**request.args.to_dict(), **changes})


def marked(text: object) -> Markup:
    """A text with its Chinese words marked as Chinese on an English page, for whoever has it read aloud."""
    safe = escape(text)
    if language.current() == "zh" or isinstance(text, Markup):
        return safe
    return Markup(_CHINESE.sub(r'<span lang="zh">\g<0></span>', str(safe)))  # noqa: S704 - escaped above


def _place(session: Session, name: str) -> Row[Any]:
    """The city by slug, GB/T code or Chinese name."""
    places = session.execute(queries.cities()).all()
    for place in places:
        if name in {place.slug, place.code, place.name_zh}:
            return place
    raise UnknownCity(name, places)


def _asked(city_code: str) -> CommitmentFilter:
    """The commitments that the address asks for. Raises `UnknownValue`: a broken filter must not show everything."""
    search = request.args.get("search", "").strip()
    if "\0" in search or len(search) > _LONGEST_SEARCH:
        raise UnknownValue(
            t(f"检索词至多 {_LONGEST_SEARCH} 个字符。", f"Search for {_LONGEST_SEARCH} characters at most.")
        )
    return CommitmentFilter(
        city_code=city_code,
        kind=_code("kind", Kind, t("类别", "kind")),
        execution=_code("status", Execution, t("状态", "status")),
        search=search,
        cutoff=_cutoff(),
    )


def _code(name: str, codes: type[_Code], called: str) -> _Code | None:
    given = request.args.get(name, "").strip()
    if not given:
        return None
    try:
        return codes(given)
    except ValueError:
        why = t(f"没有“{given}”这种{called}。可以选：", f"There is no {called} “{given}”. These can be asked for:")
        raise UnknownValue(why, name, codes) from None


def _cutoff() -> Cutoff:
    return Cutoff(as_of=_day("as_of"), recorded_by=_day("recorded_by"))


def _day(name: str) -> date | None:
    given = request.args.get(name, "").strip()
    try:
        day = date.fromisoformat(given) if given else None
    except ValueError:
        day = date.min
    if day and day.year not in _YEARS:
        raise UnknownValue(
            t(f"“{given}”不是日期：请写成 2026-12-31 的样子。", f"“{given}” is no date: write it like 2026-12-31.")
        )
    return day


def _tally(session: Session, by: str, codes: type[Coded], asked: CommitmentFilter) -> Tally:
    rows = session.execute(queries.tally(by, asked)).mappings().all()
    counts = {(row["value"], row["city_code"]): int(row["count"]) for row in rows}
    used = {value for value, _ in counts}
    return Tally([code for code in codes if code in used], counts, {row["city_code"]: int(row["of"]) for row in rows})
