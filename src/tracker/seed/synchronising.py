"""Rows of the seed meet rows of the database, by natural key: what is missing comes in, what differs is updated.

What somebody changed or removed at the desk stays as it is there, and is named in a notice.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.orm import Session

from tracker.codebook import AuditAction
from tracker.models import AuditEvent, Base

#: The name that signs what the seed loads.
ACTOR = "seed"

M = TypeVar("M", bound=Base)
Key = tuple[Hashable, ...]

#: How many keys one query asks for.
_BATCH = 500


@dataclass(frozen=True)
class Changes:
    """What a load did. `kept` counts rows that already agreed or were changed at the desk; those are in `notices`."""

    added: int
    changed: int
    removed: int
    kept: int
    notices: list[str]


@dataclass(frozen=True)
class Wanted:
    """A row as the seed has it: what to call it in a notice, and its columns."""

    name: str
    values: dict[str, Any]


@dataclass
class Synchroniser:
    """Writes through one session, signed as `actor`, and counts what it does. Leaves committing to the caller.

    What neither the seed nor `actor` wrote last is somebody's work at the desk.
    """

    session: Session
    actor: str = ACTOR
    added: int = 0
    changed: int = 0
    removed: int = 0
    kept: int = 0
    notices: list[str] = field(default_factory=list)

    def changes(self) -> Changes:
        """What was done so far."""
        return Changes(self.added, self.changed, self.removed, self.kept, self.notices)

    def rows(
        self,
        model: type[M],
        key: Sequence[str],
        wanted: Iterable[Wanted],
        *,
        among: ColumnElement[bool] | None = None,
        children: bool = False,
    ) -> dict[Key, M]:
        """Bring the rows of `model` in line with `wanted`; returns them by natural key.

        `key` names the columns of the natural key, `among` narrows the rows they are looked for in.
        `children`: rows that the seed added and no longer has are deleted, and rows that were
        removed at the desk stay away.
        """
        query = select(model) if among is None else select(model).where(among)
        stored = {tuple(getattr(row, name) for name in key): row for row in self.session.scalars(query)}
        by_key = {tuple(row.values[name] for name in key): row for row in wanted}
        missing = {found: row for found, row in by_key.items() if found not in stored}
        strangers = [row for found, row in stored.items() if found not in by_key]
        renamed = self._renamed(model, key, strangers, missing)
        if children:
            self._delete(model, [row for row in strangers if row not in renamed.values()])
            missing = self._not_removed(model, key, missing)
        self._update(model, [(stored[found], row) for found, row in by_key.items() if found in stored])
        new = {found: model(**row.values) for found, row in missing.items() if found not in renamed}
        self.session.add_all(new.values())
        self.session.flush()
        self.added += len(new)
        return {found: row for found, row in (stored | renamed | new).items() if found in by_key}

    def _update(self, model: type[M], pairs: list[tuple[M, Wanted]]) -> None:
        differing = [(row, wanted) for row, wanted in pairs if _differences(row, wanted)]
        desk = self._desk_events(model, [row for row, _ in differing])
        for row, wanted in differing:
            events = [event for event in desk.get(row_key(row), []) if wanted.values.keys() & event.changes.keys()]
            if events:
                self._notice(wanted, "changed", events[-1], "kept")
                continue
            for name in _differences(row, wanted):
                setattr(row, name, wanted.values[name])
            self.changed += 1
        self.kept += len(pairs) - len(differing)

    def _delete(self, model: type[M], rows: list[M]) -> None:
        desk = self._desk_events(model, rows)
        for row in rows:
            if row_key(row) not in desk:
                self.session.delete(row)
                self.removed += 1
        # A row that takes the place of a deleted one comes after it.
        self.session.flush()

    def _renamed(
        self, model: type[M], key: Sequence[str], strangers: list[M], missing: dict[Key, Wanted]
    ) -> dict[Key, M]:
        """The missing rows that are there under a natural key which somebody changed at the desk."""
        renamed: dict[Key, M] = {}
        desk = self._desk_events(model, strangers) if missing else {}
        for row in strangers:
            events = [event for event in desk.get(row_key(row), []) if event.action is AuditAction.UPDATE]
            first: dict[str, Any] = {}
            for event in reversed(events):
                first |= {name: change[0] for name, change in event.changes.items()}
            found = tuple(first.get(name, getattr(row, name)) for name in key)
            if found in missing:
                renamed[found] = row
                self._notice(missing[found], "changed", events[-1], "kept")
        return renamed

    def _not_removed(self, model: type[M], key: Sequence[str], missing: dict[Key, Wanted]) -> dict[Key, Wanted]:
        """The missing rows that nobody removed at the desk."""
        if not missing:
            return missing
        removals = self.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.table_name == model.__tablename__)
            .where(AuditEvent.action == AuditAction.DELETE, AuditEvent.actor.not_in({ACTOR, self.actor}))
        )
        removed = {tuple(event.changes.get(name, [None])[0] for name in key): event for event in removals}
        for found, row in missing.items():
            if found in removed:
                self._notice(row, "removed", removed[found], "left out")
        return {found: row for found, row in missing.items() if found not in removed}

    def _desk_events(self, model: type[M], rows: list[M]) -> dict[str, list[AuditEvent]]:
        """What somebody else than the seed, and than whoever writes, did to the rows, in order, by key of the row."""
        found: dict[str, list[AuditEvent]] = {}
        keys = [row_key(row) for row in rows]
        for start in range(0, len(keys), _BATCH):
            events = self.session.scalars(
                select(AuditEvent)
                .where(AuditEvent.table_name == model.__tablename__)
                .where(AuditEvent.row_key.in_(keys[start : start + _BATCH]))
                .where(AuditEvent.actor.not_in({ACTOR, self.actor}))
                .order_by(AuditEvent.id)
            )
            for event in events:
                found.setdefault(event.row_key, []).append(event)
        return found

    def _notice(self, row: Wanted, what: str, event: AuditEvent, left: str) -> None:
        self.kept += 1
        self.notices.append(f"{row.name} was {what} at the desk by {event.actor} on {event.at:%Y-%m-%d}; {left}")


def row_key(row: Base) -> str:
    """Primary key of a row, as the audit writes it."""
    return ",".join(str(part) for part in inspect(row).mapper.primary_key_from_instance(row))


def columns(data: Any, model: type[Base]) -> dict[str, Any]:
    """The fields of a dataclass that are columns of `model`."""
    names = {column.key for column in inspect(model).column_attrs}
    return {item.name: getattr(data, item.name) for item in fields(data) if item.name in names}


def _differences(row: Base, wanted: Wanted) -> list[str]:
    return [name for name, value in wanted.values.items() if not _same(getattr(row, name), value)]


def _same(stored: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return set(stored) == set(wanted)
    return bool(stored == wanted)
