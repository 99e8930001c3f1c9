"""Rules of every column of text: no longer than is declared (SQLite does not look), no name with what is unseen."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Enum, String, Table

from tracker.models.base import LONG, NAMES, Base
from tracker.models.guarded.rule import Rule
from tracker.texts import UNSEEN

#: Texts that have no bound of this kind: what was published, and what is put together from it.
_UNBOUNDED = {"source_document.text", "searched_text.own", "searched_text.quote", "searched_text.focus"}


def rules() -> dict[str, Rule]:
    """A rule for each table with text, and each operation that writes it."""
    made: dict[str, Rule] = {}
    for table in Base.metadata.sorted_tables:
        written = {engine: " OR ".join(_conditions(table, engine)) for engine in ("sqlite", "postgresql")}
        for operation in ("INSERT", "UPDATE"):
            if any(written.values()):
                made[f"guard_{table.name}_spelled_{operation.lower()}"] = (
                    table.name,
                    operation,
                    {engine: condition for engine, condition in written.items() if condition},
                    f"{table.name}: a text is too long, or a name holds what is not seen",
                )
    return made


def _conditions(table: Table, engine: str) -> Iterator[str]:
    """Conditions under which a text is refused. PostgreSQL looks at declared lengths itself."""
    for column in table.c:
        if not isinstance(column.type, String) or isinstance(column.type, Enum):
            continue
        if f"{table.name}.{column.name}" not in _UNBOUNDED and (engine == "sqlite" or column.type.length is None):
            yield f'length(NEW."{column.name}") > {column.type.length or LONG}'
        if column.name in NAMES and table.name != "source_document":
            yield _unseen(column, engine)


def _unseen(column: Column[str], engine: str) -> str:
    held = UNSEEN
    if engine == "sqlite":
        # The soft hyphen and the like are written by number: the statement stays legible, and is kept as it is.
        parts = " || ".join(f"char({ord(one)})" if one != "-" else "'-'" for one in held)
        return f"NEW.\"{column.name}\" GLOB '*[' || {parts} || ']*'"
    escaped = "".join(f"\\u{ord(one):04x}" if one != "-" else "-" for one in held)
    return f"NEW.\"{column.name}\" ~ '[{escaped}]'"
