"""What the address of a readers' page may ask for. A broken question must not show everything: it is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import current_app, request
from sqlalchemy import Row
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, NotFound

from tracker import queries, sources, walks
from tracker.codebook import Checkability, Coded, DeadlineKind, Execution, Kind, Tense, Timeliness
from tracker.filters import CommitmentFilter
from tracker.language import label, t
from tracker.pages.links import url_for
from tracker.rows import read
from tracker.standings import Cutoff
from tracker.texts import composed
from tracker.walks import Mark

#: Longest search: more is no search, and SQLite refuses very long patterns.
_LONGEST_SEARCH = 100

#: Digits that no number of a page has.
_LONGEST_NUMBER = 7

#: What an address carries that says how a page is shown, or how it is found, and not what it shows.
_MANNER = {"lang", "format", "after"}

#: Years that a day to look back from can lie in.
_YEARS = range(1900, 3000)

_Code = TypeVar("_Code", bound=Coded)


class UnknownCity(NotFound):
    """No city of that name has commitments; `links` leads to those that do."""

    def __init__(self, name: str, places: Sequence[Row[Any]]) -> None:
        super().__init__(t(f"这里没有“{name}”的承诺。现有城市：", f"There is nothing about “{name}”. The cities are:"))
        self.links = [(url_for("pages.city", name=place.slug), t(place.name_zh, place.name_en)) for place in places]


class UnknownValue(BadRequest):
    """A page was asked for by a value that does not exist; `links` leads to the same page by those that do."""

    def __init__(
        self, why: str, name: str = "", allowed: Iterable[Coded] = (), links: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(why)
        self.links = [*links, *((here(**{name: code.value}), label(code)) for code in allowed)]


def here(**changes: str) -> str:
    """The address of this page, relative to itself, with some parameters changed; an empty one is left out."""
    asked = {**request.args.to_dict(flat=False), **changes}
    return "?" + urlencode({name: value for name, value in asked.items() if value != ""}, doseq=True)


def canonical() -> str:
    """The one whole address of what this page shows, in whatever language and form."""
    asked = {name: values for name, values in request.args.to_dict(flat=False).items() if name not in _MANNER}
    said = {name: [value for value in values if value] for name, values in asked.items()}
    return f"{whole()}?{urlencode(said, doseq=True)}".rstrip("?")


def whole() -> str:
    """The whole address of this page, without what it is asked for: under the name that is set, where one is."""
    base: str = current_app.config["BASE_URL"]
    return f"{base}/{request.base_url.removeprefix(request.root_url)}" if base else request.base_url


def outside(endpoint: str, **values: Any) -> str:
    """The whole address of another page, at the same point of both time axes: for whoever reads elsewhere."""
    base: str = current_app.config["BASE_URL"]
    there = kept(endpoint, **values)
    return base + there.removeprefix(request.script_root) if base else request.host_url.rstrip("/") + there


def kept(endpoint: str, **values: Any) -> str:
    """The address of a page at the same point of both time axes as this one."""
    days = {name: request.args.get(name) or None for name in ("as_of", "recorded_by")}
    return url_for(endpoint, **{**days, **values})


def city(session: Session, name: str) -> Row[Any]:
    """The city by slug, GB/T code or Chinese name, as `sources.city` tells of it. Raises `UnknownCity`."""
    found = read(session, sources.city(), {"name": name})
    if not found:
        raise UnknownCity(name, session.execute(queries.cities()).all())
    return found[0]


def documents_of(session: Session, name: str) -> Sequence[Row[Any]]:
    """The city by slug, GB/T code or Chinese name, as `sources.of_city` tells of it. Raises `UnknownCity`."""
    found = session.execute(sources.of_city(name)).all()
    if not found:
        raise UnknownCity(name, session.execute(queries.cities()).all())
    return found


def places(there: Sequence[Row[Any]]) -> tuple[str, ...]:
    """GB/T codes of the cities that the address asks for, by slug, code or name, of those `there` are.

    Raises `UnknownValue`.
    """
    given = [name for name in map(str.strip, request.args.getlist("city")) if name]
    if not given:
        return ()
    codes = {name: row.code for row in there for name in (row.slug, row.code, row.name_zh)}
    for name in given:
        if name not in codes:
            why = t(f"这里没有“{name}”的承诺。可以选：", f"There is nothing about “{name}”. These can be asked for:")
            links = [(here(city=row.slug), t(row.name_zh, row.name_en)) for row in there]
            raise UnknownValue(why, links=links)
    return tuple(dict.fromkeys(codes[name] for name in given))


def sheet() -> int | None:
    """The page of a list that the address asks for, from 1; none for `per=all`. Raises `UnknownValue`."""
    if request.args.get("per", "") not in {"", "all"}:
        raise UnknownValue(t("per 只能写 all：全部列在一页。", "`per` can only be `all`: everything on one page."))
    if request.args.get("per"):
        return None
    given = request.args.get("page", "").strip() or "1"
    if not (given.isascii() and given.isdecimal() and len(given) < _LONGEST_NUMBER and int(given)):
        raise UnknownValue(
            t(f"“{given}”不是页码：请写 1、2、3 ……", f"“{given}” is no page: write 1, 2, 3 …"),
            links=[(here(page=""), t("第一页", "First page"))],
        )
    return int(given)


def near() -> Mark | None:
    """The row that this page is found from, as links to it say (`after=100-118-7`). Raises `UnknownValue`."""
    given = request.args.get("after", "").strip()
    try:
        return walks.mark(given) if given else None
    except ValueError:
        raise UnknownValue(
            t("after 只能照抄翻页链接里的。", "`after` can only be what a link to a page says."),
            links=[(here(page="", after=""), t("第一页", "First page"))],
        ) from None


def asked(cities: Collection[str] = (), *, units: Collection[str] = (), **fixed: Any) -> CommitmentFilter:
    """The commitments of some cities (GB/T codes; of all where none is named) that the address asks for.

    `units` are codes that the address names; `fixed` are fields that the page itself asks for and the address cannot
    change. Raises `UnknownValue`.
    """
    search = composed(request.args.get("search", "").strip())
    if "\0" in search or len(search) > _LONGEST_SEARCH:
        raise UnknownValue(
            t(f"检索词至多 {_LONGEST_SEARCH} 个字符。", f"Search for {_LONGEST_SEARCH} characters at most.")
        )
    return CommitmentFilter(
        cities=tuple(cities),
        **{
            "kinds": codes("kind", Kind, t("类别", "kind")),
            "executions": codes("status", Execution, t("状态", "status")),
            "timeliness": codes("timeliness", Timeliness, t("到期情况", "timeliness")),
            "deadline_kinds": codes("deadline", DeadlineKind, t("期限性质", "kind of deadline")),
            "tenses": codes("tense", Tense, t("时态", "tense")),
            "checkabilities": codes("checkability", Checkability, t("可核查性", "checkability")),
            **fixed,
        },
        units=tuple(units),
        disputed=_disputed(),
        due_by=day("due_by"),
        search=search,
        cutoff=cutoff(),
    )


def codes(name: str, allowed: type[_Code], called: str) -> tuple[_Code, ...]:
    """Every code under `name`. Raises `UnknownValue`."""
    found = []
    for given in filter(None, map(str.strip, request.args.getlist(name))):
        try:
            found.append(allowed(given))
        except ValueError:
            why = t(f"没有“{given}”这种{called}。可以选：", f"There is no {called} “{given}”. These can be asked for:")
            raise UnknownValue(why, name, allowed) from None
    return tuple(dict.fromkeys(found))


def _disputed() -> bool | None:
    given = request.args.get("disputed", "").strip()
    if given not in {"", "0", "1"}:
        raise UnknownValue(
            t(
                "disputed 只能写 1（有争议）或 0（无争议）。",
                "`disputed` can only be 1 (disputed) or 0 (not disputed).",
            ),
            links=[(here(disputed="1"), t("有争议", "Disputed")), (here(disputed="0"), t("无争议", "Not disputed"))],
        )
    return given == "1" if given else None


def cutoff() -> Cutoff:
    """The point on both time axes that the address asks for, and whether unreviewed work is shown. Raises as above."""
    approved_only = current_app.config["READERS_SEE"] == "approved"
    return Cutoff(as_of=day("as_of"), recorded_by=day("recorded_by"), approved_only=approved_only)


def day(name: str) -> date | None:
    """The day under `name`; none where nothing is asked. Raises `UnknownValue`."""
    given = request.args.get(name, "").strip()
    try:
        found = date.fromisoformat(given) if given else None
    except ValueError:
        found = date.min
    if found and found.year not in _YEARS:
        raise UnknownValue(
            t(f"“{given}”不是日期：请写成 2026-12-31 的样子。", f"“{given}” is no date: write it like 2026-12-31.")
        )
    return found
