"""What people type: codes, dates and cities, each refused with a line that says what is allowed."""

from __future__ import annotations

import difflib
import getpass
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import audit, queries
from tracker.codebook import Coded, Role
from tracker.models import Base, Commitment, User

#: Years that a date can lie in.
_YEARS = range(1900, 3000)

_C = TypeVar("_C", bound=Coded)
_M = TypeVar("_M", bound=Base)

#: What a list can be written as.
FORMATS = click.Choice(["table", "csv", "jsonl", "xlsx"])

Command = Callable[..., Any]


class Code(click.ParamType[_C], Generic[_C]):
    """A code of a closed vocabulary, as its code or as its Chinese or English label."""

    name = "code"

    def __init__(self, codes: type[_C]) -> None:
        self.codes = codes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> _C:
        for code in self.codes:
            if value in {code.value, code.zh, code.en}:
                return code
        allowed = ", ".join(f"{code.value} {code.zh}" for code in self.codes)
        self.fail(f"“{value}” 不在代码表内 / is no such code; allowed: {allowed}", param, ctx)


class Day(click.ParamType[date]):
    """A day, written 2020-12-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            # fromisoformat takes 20201231 and 2020-W53-4 as well; a date is written in one way here.
            day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            day = date.min
        if day.isoformat() != value or day.year not in _YEARS:
            self.fail(f"“{value}” 不是日期 / is no date; write it as 2020-12-31", param, ctx)
        return day


def as_of(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the two time axes: `--as-of` and `--recorded-by`."""
    command = click.option("--recorded-by", type=Day(), help="截至当日已记录 / As written down by then.")(command)
    return click.option("--as-of", type=Day(), help="当日实况 / True on that day.")(command)


def signed(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--analyst`: who signs."""
    return click.option("--analyst", help="署名，默认为登录名 / Who signs; your login name if not given.")(command)


def signature(analyst: str | None) -> str:
    """The name that signs. Raises `UsageError` for one that cannot."""
    name = (operator() if analyst is None else analyst).strip()
    if not audit.can_sign(name):
        raise click.UsageError(f"“{name}” 不能署名 / cannot sign; --analyst takes the name of a person")
    return name


def account(session: Session, name: str, needed: Role = Role.ANALYST) -> User:
    """The account that signs as `name`. Raises `UsageError` where its role does not cover `needed`."""
    found = audit.signer(session, name)
    if not found.role.covers(needed):
        raise click.UsageError(
            f"{name}（{found.role.zh}）不能做这件事 / may not do this: needs the role {needed.zh} {needed.value}"
        )
    return found


def operator() -> str:
    """The login name of whoever types; empty where the machine has none for them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def city_code(session: Session, city: str) -> str:
    """The GB/T 2260 code of a city given by name (郴州, 郴州市, Chenzhou), slug or code."""
    known = session.execute(queries.cities()).all()
    for row in known:
        if city.casefold().removesuffix("市") in {row.code.casefold(), row.slug, row.name_zh, row.name_en.casefold()}:
            return str(row.code)
    allowed = ", ".join(f"{row.name_zh} {row.slug} {row.code}" for row in known)
    raise click.UsageError(f"“{city}” 不在库中 / is no city of the ledger; allowed: {allowed or 'none yet'}")


def commitment(session: Session, code: str) -> Commitment:
    """The commitment with a code; case does not matter."""
    found = session.scalar(select(Commitment).where(Commitment.code == code.upper()))
    if found is None:
        near = difflib.get_close_matches(code.upper(), session.scalars(select(Commitment.code)).all(), n=3)
        hint = f"; 相近 / near: {', '.join(near)}" if near else "; “tracker list” shows every code"
        raise click.UsageError(f"没有编号 / there is no commitment “{code}”{hint}")
    return found


def row(session: Session, model: type[_M], number: int, zh: str, en: str) -> _M:
    """The row with a number, which Chinese and English call so. Raises `UsageError` where there is none."""
    found = session.get(model, number)
    if found is None:
        raise click.UsageError(f"没有{zh} / there is no {en} № {number}; “tracker show CODE --history” shows them")
    return found
