"""The bar above the list of commitments: what can be chosen, what is chosen, and the lists that are kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Row, String, cast, exists, literal, null, or_, select, union, union_all
from sqlalchemy.orm import Session

from tracker.admin import commitment_address
from tracker.admin.commitment_address import CODES, CONDITIONS, DAYS, OFFERED
from tracker.language import current, label, t
from tracker.models import (
    Commitment,
    CommitmentTerm,
    CommitmentUnit,
    Jurisdiction,
    Organisation,
    SavedList,
    Term,
    User,
    Vocabulary,
)
from tracker.standings import Question

#: Conditions that stand in the bar itself; the others are behind “more”.
IN_SIGHT = ("city", "kind", "status", "timeliness")

#: Most terms or units that are offered as boxes; of more only those that are chosen (a search finds them by name).
_MOST = 100

_TITLES = {
    "search": ("检索", "Search"),
    "city": ("城市", "City"),
    "term": ("词条", "Term"),
    "unit": ("责任单位", "Unit"),
    "kind": ("类别", "Kind"),
    "status": ("执行状态", "Status"),
    "timeliness": ("到期情况", "Timeliness"),
    "deadline": ("期限性质", "Kind of deadline"),
    "tense": ("时态", "Tense"),
    "checkability": ("可核查性", "Checkability"),
    "review": ("复核", "Review"),
    "disputed": ("争议", "Dispute"),
    "due_by": ("完成期限不晚于", "To be completed by"),
    "next_check_by": ("下次查看不晚于", "Next check by"),
    "not_checked_since": ("此日以来没有查过", "Not checked since"),
    "as_of": ("回看当天的情况", "As things stood on"),
    "recorded_by": ("只计此日及以前的记录", "As written down by"),
}


@dataclass(frozen=True)
class Panel:
    """The choices of one condition."""

    name: str
    title: str
    #: group (empty for none) → value and what it is called
    groups: dict[str, list[tuple[str, str]]]
    chosen: frozenset[str]
    #: whether there are too many to show each
    too_many: bool = False


@dataclass(frozen=True)
class Chip:
    """A condition that is chosen, and the address of the list without it."""

    title: str
    value: str
    without: str


@dataclass(frozen=True)
class Bar:
    """All that stands above the list."""

    in_sight: list[Panel]
    more: list[Panel]
    #: condition, title, what is chosen
    days: list[tuple[str, str, str]]
    #: how many conditions behind “more” are chosen
    hidden: int
    chips: list[Chip]
    mine: list[Row[Any]]
    shared: list[Row[Any]]


class Offers:
    """What the ledger offers to narrow the list by, and the lists kept by somebody or shared; one query."""

    def __init__(self, session: Session, user_id: int) -> None:
        self.rows: dict[str, list[Row[Any]]] = defaultdict(list)
        self.user_id = user_id
        for row in session.execute(_offered(user_id)):
            self.rows[row.what].append(row)

    def codes(self) -> dict[str, Any]:
        """Condition → codes that it may name."""
        return {name: {row.code: None for row in self.rows[name]} for name in OFFERED}

    def kept(self, *, own: bool) -> list[Row[Any]]:
        """The lists of this person, or those that others share, by name."""
        return [row for row in self.rows["list"] if (row.owner_id == self.user_id) is own]


def _offered(user_id: int) -> Question:
    """Cities, terms and units that commitments have, and kept lists, all in one: a page costs few queries."""
    cities = _named("city", Jurisdiction, Jurisdiction.id).where(
        exists().where(Commitment.jurisdiction_id == Jurisdiction.id)
    )
    units = _named("unit", Organisation, Organisation.id).where(
        exists().where(CommitmentUnit.organisation_id == Organisation.id)
    )
    place = Term.vocabulary_id * 10_000 + Term.position
    terms = (
        _named("term", Term, place, of=(Vocabulary.name_zh, Vocabulary.name_en))
        .join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
        .where(exists().where(CommitmentTerm.term_id == Term.id))
    )
    terms, units = _some(terms, Term.code, "term"), _some(units, Organisation.code, "unit")
    rows = union_all(cities, terms, units, _kept(user_id)).subquery()
    return select(rows).order_by(rows.c.what, rows.c.place, rows.c.zh, rows.c.code)


def _some(rows: Question, code: Any, name: str) -> Any:
    """The rows that are chosen, and of the others as many as tell whether there are too many to show."""
    found = rows.order_by(rows.selected_columns.place, code).limit(_MOST + 1).subquery()
    chosen = _chosen(name)
    return select(union(select(found), rows.where(code.in_(chosen))).subquery() if chosen else found)


def _named(what: str, model: Any, place: Any, of: tuple[Any, Any] | None = None) -> Question:
    """Rows that have a code and a name, in their place; `of` is the name (zh, en) of what they are listed under."""
    of_zh, of_en = of or (cast(null(), String), cast(null(), String))
    return select(
        literal(what).label("what"),
        model.code.label("code"),
        model.name_zh.label("zh"),
        model.name_en.label("en"),
        of_zh.label("of_zh"),
        of_en.label("of_en"),
        place.label("place"),
        literal(0).label("owner_id"),
    )


def _kept(user_id: int) -> Question:
    """Kept lists in the same columns: the question as the code, the owner as what they are listed under."""
    name, owner = SavedList.name, User.name
    rows = select(literal("list"), SavedList.question, name, name, owner, owner, literal(0), SavedList.owner_id)
    rows = rows.join(User, User.id == SavedList.owner_id)
    return rows.where(or_(SavedList.owner_id == user_id, SavedList.shared))


def bar(offers: Offers) -> Bar:
    """The bar as the request's address asks for it; the address must have been understood."""
    panels = {name: _panel(name, offers) for name in (*OFFERED, *CODES)}
    panels["disputed"] = Panel("disputed", title("disputed"), {"": _disputed()}, _chosen("disputed"))
    in_sight = [panels[name] for name in IN_SIGHT if name != "city" or len(offers.rows["city"]) > 1]
    more = [panel for name, panel in panels.items() if name not in IN_SIGHT and (panel.groups or panel.too_many)]
    days = [(name, title(name), request.args.get(name, "").strip()) for name in DAYS]
    return Bar(
        in_sight=in_sight,
        more=more,
        days=days,
        hidden=sum(len(panel.chosen) for panel in more) + sum(1 for *_, day in days if day),
        chips=_chips(panels),
        mine=offers.kept(own=True),
        shared=offers.kept(own=False),
    )


def title(name: str) -> str:
    """What a condition is called."""
    return t(*_TITLES[name])


def _panel(name: str, offers: Offers) -> Panel:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    if name in CODES:
        groups[""] = [(code.value, label(code)) for code in CODES[name]]
    chosen, rows = _chosen(name), offers.rows[name]
    too_many = name != "city" and len(rows) > _MOST
    zh = current() == "zh"
    for row in rows:
        if not too_many or row.code in chosen:
            of, called = (row.of_zh, row.zh) if zh else (row.of_en, row.en)
            groups[of or ""].append((row.code, called))
    return Panel(name, title(name), dict(groups), chosen, too_many)


def _disputed() -> list[tuple[str, str]]:
    return [("1", t("有争议（依据相左）", "Disputed: sources disagree")), ("0", t("无争议", "Not disputed"))]


def _chosen(name: str) -> frozenset[str]:
    return frozenset(value.strip() for value in request.args.getlist(name) if value.strip())


def _chips(panels: dict[str, Panel]) -> list[Chip]:
    said = commitment_address.said()
    chips = []
    for name, value in said:
        if name not in CONDITIONS:
            continue
        called = (
            {code: text for group in panels[name].groups.values() for code, text in group} if name in panels else {}
        )
        without = commitment_address.to_list([pair for pair in said if pair != (name, value)])
        chips.append(Chip(title(name), called.get(value.strip(), value), without))
    return chips
