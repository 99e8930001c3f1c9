"""How names and texts are written into the ledger, whoever writes them: form, command, spreadsheet or seed.

Texts are composed (NFC); what is quoted stays as it was found. A name holds nothing unseen, and none that looks like
another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Enum, String, event, inspect, select
from sqlalchemy.orm import Session, UOWTransaction, sessionmaker

from tracker.models import NAMES, Base, Organisation, User
from tracker.rules import Fault, RuleBroken
from tracker.texts import composed, is_unseen, skeleton

#: Columns that hold words as somebody else wrote them.
_QUOTED = {
    ("evidence", "excerpt"),
    ("evidence", "url"),
    ("commitment", "tense_words"),
    ("commitment", "deadline_text"),
    ("deadline_revision", "text"),
    ("stated_figure", "words"),
    ("user", "password"),
}
_QUOTED_TABLES = {"source_document", "turn", "passage", "archived_copy", "searched_text", "audit_event"}


def watch(factory: sessionmaker[Session]) -> None:
    """Have every session of `factory` spell so what it writes; a flush raises `RuleBroken` where a name cannot be."""
    event.listen(factory, "before_flush", _spell)


def _spell(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    rows = [row for row in (*session.new, *session.dirty) if isinstance(row, Base)]
    for row in rows:
        for key in columns(str(row.__tablename__)):
            if isinstance(text := inspect(row).dict.get(key), str):
                _tidy(row, key, text)
    for model, key in ((User, "name"), (Organisation, "name_zh")):
        named = [row for row in rows if isinstance(row, model) and _history(row, key).added]
        if named:
            _refuse_alike(session, model, key, named)


@cache
def columns(table: str) -> tuple[str, ...]:
    """The columns of a table that hold what people write."""
    return () if table in _QUOTED_TABLES else tuple(
        column.key
        for column in Base.metadata.tables[table].c
        if isinstance(column.type, String) and not isinstance(column.type, Enum) and (table, column.key) not in _QUOTED
    )  # fmt: skip


def _tidy(row: Base, key: str, text: str) -> None:
    if key in NAMES and is_unseen(text):
        said = f"“{key}”里有看不见的字符，请删去", f"{key}: leave out the character that is not seen"
        raise RuleBroken([Fault("name-seen", key, *said)])
    if composed(text) != text:
        setattr(row, key, composed(text))


def _refuse_alike(session: Session, model: Any, key: str, named: Iterable[Base]) -> None:
    """Refuse a name that looks like that of another row, and is not written the same."""
    with session.no_autoflush:
        others = {skeleton(name): name for name in session.scalars(select(getattr(model, key)))}
    for row in named:
        name = getattr(row, key)
        known = others.setdefault(skeleton(name), name)
        if known != name and skeleton(known) != skeleton(_old(row, key)):
            raise RuleBroken(list(_alike(key, name, known)))


def _history(row: Any, key: str) -> Any:
    return inspect(row).attrs[key].history


def _old(row: Base, key: str) -> str:
    """What a row was called before."""
    return str((_history(row, key).deleted or [""])[0])


def _alike(key: str, name: str, known: str) -> Iterator[Fault]:
    yield Fault(
        "name-alone", key, f"“{name}”和已有的“{known}”看起来一样，请用已有的或换一个",
        f"“{name}” looks like “{known}”, which is there already: use that one, or another name",
    )  # fmt: skip
