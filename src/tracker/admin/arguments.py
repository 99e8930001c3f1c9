"""What the address of a desk page may say. Anything else is answered with 400 and what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NoReturn

from flask import abort, request

from tracker.language import t

#: Longest search text, in characters; what is longer is cut.
SEARCH_LENGTH = 200

#: Largest number taken from an address: keys are 32-bit integers.
_LARGEST = 2**31 - 1


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


def search() -> str:
    """The search text, at most `SEARCH_LENGTH` characters."""
    return request.args.get("search", "").strip()[:SEARCH_LENGTH]
