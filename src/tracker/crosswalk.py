"""A status in the terms of another scheme, with how well it fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.models import Scheme, StatusMapping

if TYPE_CHECKING:
    from tracker.records import Record


@dataclass
class UnknownScheme(LookupError):
    """No scheme of this code is in the ledger; `known` lists those that are."""

    code: str
    known: list[str]

    def __str__(self) -> str:
        return f"没有评级体系 / there is no scheme “{self.code}”; allowed: {', '.join(self.known)}"


def in_terms_of(session: Session, code: str, rows: Iterator[Record]) -> Iterator[Record]:
    """Records with `scheme`, `scheme_status`, `scheme_status_zh`, `scheme_status_en` and `scheme_match` added.

    `scheme_match` is exact, broad (their term takes in more), narrow (less) or none; then there is no status.
    Raises `UnknownScheme`.
    """
    known = {row.code: row.id for row in session.scalars(select(Scheme).order_by(Scheme.id))}
    if code not in known:
        raise UnknownScheme(code, list(known))
    mappings = select(StatusMapping).where(StatusMapping.scheme_id == known[code])
    found = {row.execution: row for row in session.scalars(mappings.options(joinedload(StatusMapping.term)))}
    return (record | _mapped(code, found[record["execution"]]) for record in rows)


def _mapped(code: str, mapping: StatusMapping) -> Record:
    term = mapping.term
    return {
        "scheme": code,
        "scheme_status": term.code if term else None,
        "scheme_status_zh": term.name_zh if term else None,
        "scheme_status_en": term.name_en if term else None,
        "scheme_match": mapping.quality,
    }
