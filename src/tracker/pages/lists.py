"""The list of commitments, as every page shows it: what was asked for, fifty rows at a time, or all of it as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker import outline, queries, registers, vocabularies, walks
from tracker.codebook import Execution, Kind, Timeliness
from tracker.filters import CommitmentFilter
from tracker.language import current, label, t
from tracker.pages import address, calendars, citation, conditions, feeds, formats
from tracker.records import as_licensed, records
from tracker.registers import Counted
from tracker.rows import read
from tracker.walks import Mark

#: The vocabulary whose terms have an address of their own.
_SECTOR = "sector"


class NoSuchPage(NotFound):
    """The list ends before that page; `links` leads to its last one."""

    def __init__(self, last: int) -> None:
        super().__init__(t(f"没有这一页，一共 {last} 页。", f"There is no such page: there are {last}."))
        self.links = [(address.here(page=str(last), after=""), t("最后一页", "Last page"))]


class UnknownTerm(NotFound):
    """Nothing is called so; `links` leads to what there is."""

    def __init__(self, name: str, links: Sequence[tuple[str, str]]) -> None:
        super().__init__(t(f"没有“{name}”这一项。现有：", f"There is no “{name}”. There are:"))
        self.links = links


@dataclass(frozen=True)
class Sheet:
    """A page of a list: what was asked for, how much fits, the rows under their questions or cities."""

    asked: CommitmentFilter
    #: whether the reader narrowed the list further than the page does by itself
    is_narrowed: bool
    counted: Counted
    #: none where all is shown
    number: int | None
    answers: list[outline.Answer]
    #: whether others come after it, and what leads to the pages near it
    goes_on: bool = False
    mark: str = ""

    @property
    def last(self) -> int | None:
        """The last page; none where nobody has counted so far."""
        return None if self.counted.at_least else self.counted.pages()

    @property
    def is_first(self) -> bool:
        return self.number in {1, None}

    def around(self) -> list[int]:
        """The pages that are linked: the first, the last, and those near this one."""
        here = self.number or 1
        last = self.last or here + self.goes_on
        return sorted({page for page in (1, here - 2, here - 1, here, here + 1, here + 2, last) if 1 <= page <= last})

    def page(self, number: int) -> str:
        """The address of another page of the list, which is found from this one where that is nearer than the ends."""
        if number == self.number:
            return address.here()
        is_near = self.number and self.mark and 1 < number != self.last
        return address.here(page=str(number) if number > 1 else "", after=self.mark if is_near else "")


def sheet(
    session: Session, asked: CommitmentFilter, by: tuple[str, ...], *, is_narrowed: bool, with_reviewed: bool = False
) -> Sheet:
    """The page of the list that the address asks for, and how many rows the list has; `with_reviewed` on its first."""
    number, near, asked = address.sheet(), address.near(), walks.settled(session, asked)
    with_reviewed = with_reviewed and number in {1, None}
    fits = registers.counted(session, asked, with_reviewed=with_reviewed) if registers.is_kept(asked) else None
    leaf = registers.leaf(session, asked, number, fits, near)
    if number is None and leaf.goes_on:
        most = registers.MOST
        raise address.UnknownValue(
            t(f"一页至多列 {most} 条。请缩小范围，或下载 CSV。",
              f"A page holds {most} rows at most. Narrow the list, or take it as CSV."),
            links=[(address.here(per="", format="csv"), "CSV"), (address.here(per=""), t("分页看", "Page by page"))],
        )  # fmt: skip
    fits = fits or registers.fitting(session, asked, number, leaf)
    if number and number > 1 and not leaf.found:
        raise NoSuchPage(fits.pages())
    mark = ""
    if number and leaf.ends:
        mark = Mark(registers.PAGE * (number - 1) + len(leaf.found), leaf.ends).said
    answers = outline.answers(leaf.rows, leaf.found, by)
    return Sheet(asked, is_narrowed, fits, number, answers, leaf.goes_on, mark)


def data(session: Session, asked: CommitmentFilter, form: str, name: str) -> ResponseReturnValue:
    """Every commitment asked for as data, with those words that may be shown; `name` is that of the file."""
    said = {"list": name, "asked": {field: request.args.getlist(field) for field in request.args}}
    rows = as_licensed(session, records(session, asked))
    return formats.answer(rows, form, name, formats.meta(asked.cutoff, **said))


def followed(
    session: Session, asked: CommitmentFilter, form: str, title: str, name: str, said: str = ""
) -> ResponseReturnValue:
    """What changed of the commitments asked for (`atom`), or their days (`ics`).

    `said` is what narrows them, in words; `name` is that of the file.
    """
    title = f"{title}{t('（', ' (')}{said}{t('）', ')')}" if said else title
    return (feeds.feed if form == "atom" else calendars.calendar)(session, asked, title, name)


def everything(session: Session) -> ResponseReturnValue:
    """`/commitments`: all of them, and the way to those of a kind or on a subject."""
    title = t("全部承诺", "All commitments")
    return _across(session, "commitments", title, "", {}, terms=vocabularies.used_terms(session))


def of_kind(session: Session, name: str) -> ResponseReturnValue:
    """`/kinds/<kind>`: the commitments of one kind, across the cities. Raises `UnknownTerm`."""
    if name not in list(Kind):
        raise UnknownTerm(name, [(address.kept("pages.kind", name=kind.value), label(kind)) for kind in Kind])
    kind = Kind(name)
    about = t(kind.definition_zh, kind.definition_en)
    return _across(session, name, label(kind), about, {"kinds": (kind,)})


def on_sector(session: Session, name: str) -> ResponseReturnValue:
    """`/sectors/<term>`: the commitments on a sector, across the cities. Raises `UnknownTerm`."""
    return _on_term(session, _SECTOR, name)


def on_subject(session: Session, vocabulary: str, name: str) -> ResponseReturnValue:
    """`/terms/<vocabulary>/<term>`: the same for any vocabulary; sectors have an address of their own."""
    if vocabulary == _SECTOR:
        return redirect(address.kept("pages.sector", name=name))
    return _on_term(session, vocabulary, name)


def _on_term(session: Session, vocabulary: str, name: str) -> ResponseReturnValue:
    term = session.execute(vocabularies.terms_in_use(vocabulary, name)).first()
    if term is None:
        terms = vocabularies.used_terms(session)
        same = [row for row in terms if row.vocabulary == vocabulary]
        raise UnknownTerm(name, [(subject(row), t(row.name_zh, row.name_en)) for row in same or terms])
    about = t(f"主题词表：{term.vocabulary_zh}。主题由编码者标注，注明是否推断。",
              f"Vocabulary: {term.vocabulary_en}. Coders give the subjects, and say which are inferred.")  # fmt: skip
    title = t(term.name_zh, term.name_en)
    return _across(session, f"{vocabulary}-{name}", title, about, {"terms": (f"{vocabulary}/{name}",)})


def subject(term: Row[Any]) -> str:
    """The address of the list on a term."""
    if term.vocabulary == _SECTOR:
        return address.kept("pages.sector", name=term.code)
    return address.kept("pages.term", vocabulary=term.vocabulary, name=term.code)


def _across(
    session: Session, name: str, title: str, about: str, fixed: dict[str, Any], terms: Sequence[Row[Any]] = ()
) -> ResponseReturnValue:
    form, cities = formats.wanted(formats.FOLLOWED), read(session, queries.cities())
    asked = conditions.asked(session, cities, **fixed)
    if form in formats.FOLLOWED:
        narrowed: dict[str, Any] = dict.fromkeys(fixed, ())
        said = conditions.said(replace(asked, **narrowed), cities)
        return followed(session, asked, form, title, name, said)
    if form != "html":
        return data(session, asked, form, name)
    is_narrowed = asked != CommitmentFilter(cutoff=asked.cutoff, **fixed)
    return render_template(
        "commitments.html",
        title=title,
        about=about,
        sheet=sheet(session, asked, outline.BY_CITY, is_narrowed=is_narrowed),
        places=_places(cities),
        chosen_places=[city.slug for city in cities if city.code in asked.cities] if asked.cities else [],
        terms=terms,
        most_counted=vocabularies.COUNTED,
        **around(session, asked, title, about, fixed),
    )


def _places(cities: Sequence[Row[Any]]) -> list[tuple[str, str]]:
    """Each city by what an address and a page call it; there may be hundreds."""
    if current() == "zh":
        return [(city.slug, city.name_zh) for city in cities]
    return [(city.slug, city.name_en) for city in cities]


def around(session: Session, asked: CommitmentFilter, title: str, about: str, fixed: dict[str, Any]) -> dict[str, Any]:
    """What stands around every list: the choices of its filter, how it is cited, what it says of itself to machines."""
    choices = [
        ("kind", t("类别", "Kind"), list(Kind), asked.kinds),
        ("status", t("执行状态", "Status"), list(Execution), asked.executions),
        ("timeliness", t("到期情况", "Timeliness"), list(Timeliness), asked.timeliness),
    ]
    return {
        "asked": asked,
        "choices": [choice for choice in choices if not (choice[0] == "kind" and "kinds" in fixed)],
        "more": conditions.more(session, asked),
        "citation": citation.citation(title, asked.cutoff),
        "described": citation.dataset(title, about or title, asked.cutoff),
    }
