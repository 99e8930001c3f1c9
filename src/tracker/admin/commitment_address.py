"""What the address of the list of commitments says: which ones, in what order, in which columns, and which is open."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import request, url_for

from tracker.admin import arguments
from tracker.admin.base import PAGE
from tracker.codebook import Checkability, Coded, DeadlineKind, Execution, Kind, ReviewState, Tense, Timeliness
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.saved_lists import LONGEST_QUESTION
from tracker.walks import Mark

#: Columns that the list can be sorted by, with what stands in the address.
SORTS = ("code", "title", "city", "kind", "status", "timeliness", "deadline", "checked", "next_check")

#: Columns that can be chosen, in their order; code and title are always there.
COLUMNS = ("city", "kind", "status", "timeliness", "deadline", "evidence", "checked", "next_check", "unit")

#: Columns where none are chosen; they fit a screen 1280 pixels wide.
USUAL = ("kind", "status", "timeliness", "deadline", "evidence", "next_check", "unit")

_HEADINGS = {
    "code": ("编号", "Code"),
    "title": ("标题", "Title"),
    "city": ("城市", "City"),
    "kind": ("类别", "Kind"),
    "status": ("执行状态", "Status"),
    "timeliness": ("到期情况", "Timeliness"),
    "deadline": ("期限", "Deadline"),
    "evidence": ("最新依据", "Last evidence"),
    "checked": ("查至", "Checked to"),
    "next_check": ("下次查看", "Next check"),
    "unit": ("责任单位", "Unit"),
}

#: Choices of rows on a page.
SIZES = (str(PAGE), "100", "all")

#: Conditions that are codes of a closed vocabulary.
CODES: dict[str, type[Coded]] = {
    "kind": Kind,
    "status": Execution,
    "timeliness": Timeliness,
    "deadline": DeadlineKind,
    "tense": Tense,
    "checkability": Checkability,
    "review": ReviewState,
}

#: Conditions that are codes of rows, which the ledger offers.
OFFERED = ("city", "term", "unit")

#: Conditions that are days.
DAYS = ("due_by", "next_check_by", "not_checked_since", "as_of", "recorded_by")

#: All that narrows the list, in the order in which it is shown.
CONDITIONS = ("search", *OFFERED, *CODES, "disputed", *DAYS)

#: Conditions that readers' lists understand too, and the longest search of theirs: what they ask can be subscribed to.
READERS = frozenset({
    "search", "city", "term", "unit", "kind", "status", "timeliness", "deadline", "tense", "checkability", "disputed",
    "due_by", "as_of", "recorded_by",
})  # fmt: skip
_LONGEST_OF_READERS = 100

#: What says how the answer looks and not what is asked.
_LOOKS = ("sort", "desc", "page_size", "cols")

#: What another question, or another page, leaves behind.
_PASSING = ("page", "after", "open", "record")

ARGUMENTS = (*CONDITIONS, "match", *_LOOKS, *_PASSING)

#: What stands for nothing said.
_UNSAID = {("match", "all"), ("sort", "code"), ("desc", "0"), ("page_size", SIZES[0]), ("page", "0")}

#: Name and value as they stand in an address.
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    which: CommitmentFilter
    sort: str
    desc: bool
    #: from 0
    page: int
    #: a row that it is found from
    near: Mark | None
    #: rows on a page; none for all
    size: int | None
    #: in the order in which they stand
    columns: tuple[str, ...]
    #: code of the row that is open; empty for none
    opened: str
    #: whether the open row shows the form too
    recording: bool


def asked(offered: dict[str, Collection[str]], *, also: Iterable[str] = ()) -> Asked:
    """The list that the request asks for; 400 for what is not understood. `offered`: condition → codes it may name."""
    arguments.only((*ARGUMENTS, *also))
    size = arguments.one_of("page_size", SIZES) or SIZES[0]
    columns = arguments.several("cols", COLUMNS) or USUAL
    return Asked(
        which=_which(offered),
        sort=arguments.one_of("sort", SORTS) or "code",
        desc=arguments.one_of("desc", ["0", "1"]) == "1",
        page=arguments.number("page"),
        near=arguments.near("after"),
        size=None if size == "all" else int(size),
        columns=tuple(name for name in COLUMNS if name in columns),
        opened=request.args.get("open", "").strip()[:100],
        recording=arguments.one_of("record", ["0", "1"]) == "1",
    )


def _which(offered: dict[str, Collection[str]]) -> CommitmentFilter:
    disputed = arguments.one_of("disputed", ["0", "1"])
    return CommitmentFilter(
        cities=arguments.several("city", offered["city"]),
        terms=arguments.several("term", offered["term"]),
        units=arguments.several("unit", offered["unit"]),
        kinds=_codes("kind"),
        executions=_codes("status"),
        timeliness=_codes("timeliness"),
        deadline_kinds=_codes("deadline"),
        tenses=_codes("tense"),
        checkabilities=_codes("checkability"),
        review_states=_codes("review"),
        disputed=disputed == "1" if disputed else None,
        due_by=arguments.day("due_by"),
        next_check_by=arguments.day("next_check_by"),
        not_checked_since=arguments.day("not_checked_since"),
        any_of=arguments.one_of("match", ["all", "any"]) == "any",
        search=arguments.search(),
        cutoff=arguments.cutoff(),
        unpublished=True,
    )


def _codes(name: str) -> tuple[Any, ...]:
    codes = CODES[name]
    return tuple(codes(given) for given in arguments.several(name, [code.value for code in codes]))


def headings() -> dict[str, str]:
    """Column → what it is called; first code and title, then those that can be chosen."""
    return {name: t(*names) for name, names in _HEADINGS.items()}


def said(*, here: bool = False) -> Pairs:
    """What the request's address asks of the list; with `here` its page too. Nothing empty, nothing usual."""
    left_out = {"open", "record"} if here else _PASSING
    return _tidy(pair for pair in request.args.items(multi=True) if pair[0] not in left_out)


def _tidy(pairs: Iterable[tuple[str, str]]) -> Pairs:
    return [pair for pair in pairs if pair[0] in ARGUMENTS and pair[1].strip() and pair not in _UNSAID]


def is_untidy() -> bool:
    """Whether the address holds what says nothing, as a form sends it."""
    return any(not value.strip() for name, value in request.args.items(multi=True) if name in ARGUMENTS)


def tidy_address() -> str:
    """The same address without what says nothing."""
    return to_list(
        [
            *said(here=True),
            *((name, request.args[name]) for name in ("open", "record", "lang") if request.args.get(name)),
        ]
    )


def to_list(pairs: Pairs) -> str:
    """The address of the list that says this."""
    return url_for("commitment.index_view") + ("?" + urlencode(pairs) if pairs else "")


def to_follow(form: str) -> str | None:
    """The address of the readers' feed (`atom`) or calendar (`ics`) of this question; none where they cannot ask it."""
    pairs = [pair for pair in said() if pair[0] not in _LOOKS]
    if any(name not in READERS or len(value) > _LONGEST_OF_READERS for name, value in pairs):
        return None
    return f"{url_for('pages.commitments')}?{urlencode([*pairs, ('format', form), ('lang', current())])}"


def sorted_by(name: str, *, descending: bool) -> str:
    """The address of the first page of the same list in another order."""
    kept = [pair for pair in said() if pair[0] not in {"sort", "desc"}]
    return to_list(_tidy([*kept, ("sort", name), ("desc", "1" if descending else "0")]))


def question(given: str) -> str:
    """A question as it may be kept: what is asked of the list, without its page. Answers 400 to anything else."""
    return urlencode(_tidy(pair for pair in _read(given) if pair[0] not in _PASSING))


def back(code: str) -> str | None:
    """Where `back` leads: to the list that it says, with this commitment open. 400 for what is no list's address.

    Only what the list itself understands is taken over, so that nobody is sent elsewhere.
    """
    if "back" not in request.args:
        return None
    pairs = [pair for pair in _read(request.args["back"]) if pair[0] not in {"open", "record"}]
    return to_list([*_tidy(pairs), ("open", code)]) + f"#row-{code}"


def _read(given: str) -> Pairs:
    pairs = parse_qsl(given[: LONGEST_QUESTION * 2].removeprefix("?"))
    unknown = [name for name, _ in pairs if name not in {*ARGUMENTS, "lang"}]
    if unknown or (given and not pairs):
        arguments.refuse((unknown or [given])[0][:40], ARGUMENTS)
    return pairs
