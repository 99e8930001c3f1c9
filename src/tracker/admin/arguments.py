"""What the address of a desk page may say. Anything else is answered with 400 and what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NoReturn

from flask import abort, request

from tracker import walks
from tracker.language import t
from tracker.search import LONGEST
from tracker.standings import Cutoff
from tracker.texts import composed
from tracker.walks import Mark

#: Largest number taken from an address: keys are 32-bit integers.
_LARGEST = 2**31 - 1

#: Years that a day can lie in.
_YEARS = range(1900, 3000)


def refuse(what: str, allowed: Iterable[str] = ()) -> NoReturn:
    """Answer 400: `what` is not understood; `allowed` would be."""
    options = "、".join(allowed)
    abort(
        400,
        t(f"看不懂 {what}。", f"“{what}” is not understood. ")
        + (t(f"可用：{options}", f"Allowed: {options.replace('、', ', ')}") if options else ""),
    )


def only(names: Collection[str]) -> None:
    """Refuse an address that names anything but `names` (and the language)."""
    unknown = sorted(set(request.args) - {*names, "lang", "url"})
    if unknown:
        refuse(unknown[0], sorted(names))


def number(name: str, *, largest: int = _LARGEST) -> int:
    """The whole number under `name`, from 0; 0 where there is none."""
    given = request.args.get(name, "")
    if not given:
        return 0
    if not (given.isascii() and given.isdigit()) or int(given[:12]) > largest:
        refuse(f"{name}={given[:40]}", [f"0–{largest}"])
    return int(given)


def key(given: object) -> int:
    """The key of a row as it stands in an address: one whole number."""
    if not isinstance(given, str) or not (given.isascii() and given.isdigit()) or int(given[:12]) > _LARGEST:
        refuse(f"id={str(given)[:40]}", [t("一个整数", "one whole number")])
    return int(given)


def one_of(name: str, allowed: Collection[str]) -> str | None:
    """The value under `name`, which must be one of `allowed`; none where nothing is given."""
    given = request.args.get(name, "").strip()
    if not given:
        return None
    if given not in allowed:
        refuse(f"{name}={given[:40]}", allowed)
    return given


def several(name: str, allowed: Collection[str]) -> tuple[str, ...]:
    """Every value under `name`, each of which must be one of `allowed`; none where nothing is given."""
    given = [value.strip() for value in request.args.getlist(name) if value.strip()]
    for value in given:
        if value not in allowed:
            refuse(f"{name}={value[:40]}", allowed)
    return tuple(dict.fromkeys(given))


def day(name: str) -> date | None:
    """The day under `name`, written 2020-12-31; none where nothing is given."""
    given = request.args.get(name, "").strip()
    try:
        found = date.fromisoformat(given) if given else None
    except ValueError:
        found = date.min
    # fromisoformat takes 20201231 as well; a day is written in one way here.
    if found and (found.year not in _YEARS or found.isoformat() != given):
        refuse(f"{name}={given[:40]}", ["2020-12-31"])
    return found


def near(name: str) -> Mark | None:
    """The row of a list that a page is found from, as links to it say; none where nothing is given."""
    given = request.args.get(name, "").strip()
    try:
        return walks.mark(given) if given else None
    except ValueError:
        refuse(f"{name}={given[:40]}", [t("翻页链接里的", "what links to pages say")])


def search() -> str:
    """The search text, composed; 400 where it is longer than `search.LONGEST` characters."""
    given = composed(request.args.get("search", "").strip())
    if len(given) > LONGEST:
        refuse(f"search={given[:40]}…", [t(f"至多 {LONGEST} 字", f"{LONGEST} characters at most")])
    return given


def cutoff() -> Cutoff:
    """The point on both time axes that the address asks for: `as_of` and `recorded_by`."""
    return Cutoff(as_of=day("as_of"), recorded_by=day("recorded_by"))
