"""What a search looks through (`searched_text`), kept whenever words change, and the index of it (`word_index`).

The index only proposes: a search decides on the stored words themselves. On PostgreSQL it is a GIN index of the
characters, which the server keeps. On SQLite it is an FTS5 table of every two neighbouring characters, because most
Chinese words are of two. SQLite lets no trigger write to it under `trusted_schema=OFF`, so the sessions of the program
append to it at the end of the transaction that wrote a text (`watch`). What others write is newer than it until then:
that is looked through one by one. What it holds of texts that are gone leads nowhere: a number is never used again.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import chain, pairwise
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Insert,
    Integer,
    Select,
    Text,
    case,
    cast,
    event,
    func,
    insert,
    literal,
    literal_column,
    null,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session, UOWTransaction, aliased, sessionmaker

from tracker.models import Commitment, Passage, SearchedText, SourceDocument, StatedFigure
from tracker.stored.trigger import IDS, Came, trigger

#: Names of everything that the index consists of begin so.
INDEX = "word_index"

_NAME = SearchedText.__tablename__
_COLUMNS = [column.name for column in SearchedText.__table__.columns if column.name != "id"]

#: When words change. Passages are written once; what is deleted takes its words with it.
_EVENTS = {
    "commitment": ("INSERT", "commitment"),
    "commitment_words": ("UPDATE OF title_zh, title_en, code, passage_id, focus_id", "commitment"),
    "stated_figure": ("INSERT", "stated_figure"),
    "stated_figure_words": ("UPDATE OF what_zh, what_en, commitment_id", "stated_figure"),
}

#: The texts of the row of each table that has changed. Before ANALYZE has run, SQLite would take the index of figures
#: for those of none, which are as many as there are commitments.
_CHANGED = {
    "commitment": "commitment_id = NEW.id AND coalesce(stated_figure_id, 0) = 0",
    "stated_figure": "stated_figure_id = NEW.id",
}

#: The newest text that the index of SQLite knows of.
NEWEST = f"(SELECT coalesce(max(rowid), 0) FROM {INDEX})"

#: Every two neighbouring characters, and the last alone, as hexadecimal UTF-8: signs are nothing to FTS5.
_PAIRS = (
    "(SELECT group_concat(hex(lower(substr(own || ' ' || quote, key + 1, 2))), ' ') FROM"
    " json_each('[0' || replace(hex(zeroblob(length(own || quote))), '00', ',0') || ']'))"
)

_APPEND = f"INSERT INTO {INDEX} (rowid, pairs) SELECT id, {_PAIRS} FROM {_NAME} WHERE id > {NEWEST}"

_NEWER = f"SELECT id, own || ' ' || quote FROM {_NAME} WHERE id > {NEWEST} ORDER BY id LIMIT 2000"

#: Of how many rows a load adds the words by one statement.
_AT_ONCE = 2_000

#: How many pairs are known as they are written.
_MOST_KNOWN = 100_000

#: Pairs that are looked up of one word: more would hardly narrow it.
_ENOUGH = 20


def derivation() -> Any:
    """The rows of the table as the ledger gives them, without their numbers and in the order of its columns."""
    return union_all(*_rows().values())


def _rows() -> dict[str, Select[Any]]:
    # A blank stands in no word that is looked for, so none is found across it.
    quote, focus = aliased(Passage, name="quote_passage"), aliased(Passage, name="focus_passage")
    said, shared, blank = _stretch(quote), focus.id.is_not(None), literal(" ")
    called = Commitment.title_zh + blank + Commitment.title_en + blank + Commitment.code + blank
    of_commitment: dict[str, Any] = {
        "commitment_id": Commitment.id,
        "stated_figure_id": cast(null(), Integer),
        "own": called + func.coalesce(_stretch(focus), said),
        "passage_id": case((shared, quote.id)),
        "quote": case((shared, said), else_=literal("")),
        "focus": func.coalesce(_stretch(focus), literal("")),
    }
    of_figure: dict[str, Any] = {
        "commitment_id": StatedFigure.commitment_id,
        "stated_figure_id": StatedFigure.id,
        "own": StatedFigure.what_zh + blank + StatedFigure.what_en,
        "passage_id": cast(null(), Integer),
        "quote": cast(literal(""), Text),
        "focus": cast(literal(""), Text),
    }
    commitments = (
        select(*(of_commitment[name].label(name) for name in _COLUMNS))
        .select_from(Commitment)
        .join(SourceDocument, SourceDocument.id == Commitment.document_id)
        .join(quote, quote.id == Commitment.passage_id)
        .outerjoin(focus, focus.id == Commitment.focus_id)
    )
    figures = select(*(of_figure[name].label(name) for name in _COLUMNS))
    return {
        "commitment": commitments,
        "stated_figure": figures.where(StatedFigure.commitment_id.is_not(None)),
    }


def _stretch(passage: type[Passage]) -> Any:
    return func.substr(SourceDocument.text, passage.start + 1, passage.end - passage.start)


def triggers(dialect: Dialect) -> dict[str, str]:
    """The triggers that keep the table: name → the statement that makes each."""
    made = {}
    for event_name, (change, table) in _EVENTS.items():
        name = f"keep_words_{event_name}"
        rows = _rows()[table].where(literal_column(f'"{table}".id') == literal_column("NEW.id"))
        renewed = [f"DELETE FROM {_NAME} WHERE {_CHANGED[table]}", _insert(rows, dialect)]
        made[name] = trigger(dialect, name, change, table, renewed, stands_aside=True)
    return made


def renew(connection: Connection, came: Came) -> None:
    """Add the words of commitments and figures that came, to the table and to the index."""
    for table, statement in _derived().items():
        numbers = sorted(row["id"] for row in came.get(table, ()))
        for start in range(0, len(numbers), _AT_ONCE):
            connection.execute(statement, {"ids": numbers[start : start + _AT_ONCE]})
    if came.get("commitment") or came.get("stated_figure"):
        catch_up(connection)


@cache
def _derived() -> dict[str, Insert]:
    """The statements that add the words of some rows of each table."""
    return {
        table: insert(SearchedText).from_select(_COLUMNS, rows.where(literal_column(f'"{table}".id').in_(IDS)))
        for table, rows in _rows().items()
    }


def fill(dialect: Dialect) -> list[str]:
    """The statements that make the table anew and empty the index, which `catch_up` then appends to."""
    anew = [f"DELETE FROM {_NAME}", _insert(derivation(), dialect)]
    if dialect.name == "sqlite":
        anew.append(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('delete-all')")
    return anew


def _insert(rows: Any, dialect: Dialect) -> str:
    statement = rows.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return f"INSERT INTO {_NAME} ({', '.join(_COLUMNS)}) {' '.join(str(statement).split())}"


def catch_up(connection: Connection) -> None:
    """Append to the index of SQLite the texts that are newer than it."""
    if connection.dialect.name == "sqlite":
        # By a few thousand at a time: a statement that appends all of a large load keeps all of it in memory.
        while newer := connection.exec_driver_sql(_NEWER).all():
            paired = [(number, _paired(words)) for number, words in newer]
            connection.exec_driver_sql(f"INSERT INTO {INDEX} (rowid, pairs) VALUES (?, ?)", paired)


class _Written(dict[tuple[str, ...], str]):
    """Two characters as `_PAIRS` writes them, each once: SQLite takes twice as long."""

    def __missing__(self, pair: tuple[str, ...]) -> str:
        if len(self) > _MOST_KNOWN:
            self.clear()
        # To SQLite, only A to Z have small letters.
        written = self[pair] = "".join(pair).encode().lower().hex()
        return written


_written = _Written()


def _paired(words: str) -> str:
    """The pairs of a text, as `_PAIRS` has them."""
    return " ".join([*map(_written.__getitem__, pairwise(words)), _written[(words[-1:],)]])


def watch(factory: sessionmaker[Session]) -> None:
    """Have every session of `factory` append the texts that it writes to the index, in the same transaction."""
    event.listen(factory, "after_flush", _note)
    event.listen(factory, "before_commit", _append)


def _note(session: Session, _context: UOWTransaction) -> None:
    rows = chain(session.new, session.dirty)
    session.info["words"] = session.info.get("words") or any(isinstance(row, Commitment | StatedFigure) for row in rows)


def _append(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    if session.info.pop("words", False):
        catch_up(session.connection())


def pairs(word: str) -> str:
    """What the index of SQLite is asked for to find the texts that may hold a word."""
    found = [word[at : at + 2].encode().lower().hex() for at in range(max(1, len(word) - 1))]
    # Of a single character: every pair that begins with it.
    return f'"{found[0]}"*' if len(word) == 1 else " ".join(f'"{pair}"' for pair in found[:_ENOUGH])


def misindexed(connection: Connection) -> list[int]:
    """Numbers of the texts of which the index of SQLite does not hold exactly their pairs."""
    if connection.dialect.name != "sqlite":
        return []
    terms = f"temp.{INDEX}_terms"
    connection.execute(text(f"CREATE VIRTUAL TABLE IF NOT EXISTS {terms} USING fts5vocab(main, {INDEX}, instance)"))
    held: Counter[int] = Counter()
    for number, pair in connection.execute(text(f"SELECT doc, term FROM {terms}")):
        held[number] += hash(pair)
    known = connection.execute(text(f"SELECT id, lower({_PAIRS}) FROM {_NAME} WHERE id <= {NEWEST}"))
    return [number for number, given in known if held[number] != sum(map(hash, set(given.split())))]
