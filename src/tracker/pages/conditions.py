"""The conditions of a list that stand behind “more”, and the terms and units that the address names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import queries, vocabularies
from tracker.codebook import Checkability, Coded, DeadlineKind, Tense
from tracker.filters import CommitmentFilter
from tracker.language import label, t
from tracker.pages import address

#: Most that are offered in place of what there is not.
_OFFERED = 50

#: A condition: its name in the address, what it is called, value and label of each choice, the values chosen.
Condition = tuple[str, str, list[tuple[str, str]], Sequence[str]]


def asked(session: Session, cities: Sequence[Row[Any]] | str = (), **fixed: Any) -> CommitmentFilter:
    """The commitments that the address asks for, of a city (its code) or of those that it names of `cities`.

    `fixed` as of `address.asked`. Raises `address.UnknownValue`.
    """
    there = (cities,) if isinstance(cities, str) else address.places(cities or session.execute(queries.cities()).all())
    terms, units = named_terms(session), named_units(session)
    if terms and "terms" in fixed:
        raise address.UnknownValue(
            t(
                "这里已经是一个主题的清单，不能再加 term。",
                "This is the list of a term already: it takes no other `term`.",
            ),
            links=[(address.here(term=""), t("去掉 term", "Without `term`"))],
        )
    about = {"terms": tuple(row.whole for row in terms), **fixed}
    return address.asked(there, units=[row.code for row in units], **about)


def named_terms(session: Session) -> Sequence[Row[Any]]:
    """The terms that the address names, by code or `vocabulary/code`. Raises `UnknownValue`."""
    given = _given("term")
    rows = session.execute(vocabularies.terms_named(given)).all() if given else []
    for name in given:
        if not any(name in {row.code, row.whole} for row in rows):
            there = vocabularies.used_terms(session)
            offered = [(f"{row.vocabulary}/{row.code}", t(row.name_zh, row.name_en)) for row in there]
            raise _unknown("term", name, offered)
    return rows


def named_units(session: Session) -> Sequence[Row[Any]]:
    """The units that the address names, by code. Raises `UnknownValue`."""
    given = _given("unit")
    rows = session.execute(vocabularies.units_named(given)).all() if given else []
    for name in given:
        if name not in {row.code for row in rows}:
            there = session.execute(vocabularies.units_in_use().limit(_OFFERED)).all()
            raise _unknown("unit", name, [(row.code, t(row.name_zh, row.name_en)) for row in there])
    return rows


def _given(name: str) -> list[str]:
    return list(dict.fromkeys(value for value in map(str.strip, request.args.getlist(name)) if value))


def _unknown(name: str, value: str, offered: list[tuple[str, str]]) -> address.UnknownValue:
    why = t(f"没有“{value}”这一项。可以选：", f"There is no “{value}”. These can be asked for:")
    return address.UnknownValue(why, links=[(address.here(**{name: code}), called) for code, called in offered])


def more(session: Session, asked: CommitmentFilter) -> list[Condition]:
    """The conditions behind “more”. Of terms and units only those that are chosen: there are too many to list."""
    terms = [] if not _given("term") else [(row.whole, t(row.name_zh, row.name_en)) for row in named_terms(session)]
    units = [(row.code, t(row.name_zh, row.name_en)) for row in named_units(session)]
    return [
        ("deadline", t("期限性质", "Kind of deadline"), _codes(DeadlineKind), asked.deadline_kinds),
        ("tense", t("时态", "Tense"), _codes(Tense), asked.tenses),
        ("checkability", t("可核查性", "Checkability"), _codes(Checkability), asked.checkabilities),
        *([("term", t("主题", "Subject"), terms, [value for value, _ in terms])] if terms else []),
        *([("unit", t("责任单位", "Unit"), units, [value for value, _ in units])] if units else []),
    ]


def _codes(codes: type[Coded]) -> list[tuple[str, str]]:
    return [(code.value, label(code)) for code in codes]


def said(asked: CommitmentFilter, cities: Sequence[Row[Any]] = ()) -> str:
    """What narrows a list, in words, for the title of what follows it; `cities` are those it may name."""
    as_of, recorded_by = asked.cutoff.as_of, asked.cutoff.recorded_by
    codes: list[Coded] = [
        *asked.kinds, *asked.executions, *asked.timeliness, *asked.deadline_kinds, *asked.tenses, *asked.checkabilities
    ]  # fmt: skip
    words = [
        *(t(city.name_zh, city.name_en) for city in cities if city.code in asked.cities),
        asked.search and f"“{asked.search}”",
        *map(label, codes),
        *(code.rpartition("/")[2] for code in asked.terms),
        *asked.units,
        {None: "", True: t("有争议", "disputed"), False: t("无争议", "not disputed")}[asked.disputed],
        asked.due_by and t(f"{asked.due_by} 及以前到期", f"due by {asked.due_by}"),
        as_of and t(f"{as_of} 当天", f"as of {as_of}"),
        recorded_by and t(f"{recorded_by} 及以前的记录", f"as written down by {recorded_by}"),
    ]
    return t("，", ", ").join(word for word in words if word)
