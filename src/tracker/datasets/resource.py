"""What a table of a data set is: its columns with their types, its keys, and the question that fills it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Enum,
    Float,
    Integer,
    Label,
    Numeric,
    Select,
    String,
    case,
    collate,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from tracker import queries
from tracker.codebook import Coded
from tracker.codebook.listed import anchor
from tracker.datasets.names import ABOUT, BOUNDS, named
from tracker.filters import CommitmentFilter
from tracker.models import Commitment, SourceDocument
from tracker.models.base import UTCDateTime
from tracker.records import WITHHELD
from tracker.standings import Cutoff, Question

#: How many rows are read at once.
_CHUNK = 500

#: What a column of the database holds, as Table Schema says it; the first that fits.
_TYPES: tuple[tuple[type, str], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "number"),
    (Numeric, "number"),
    (Date, "date"),
    (UTCDateTime, "datetime"),
)


@dataclass(frozen=True)
class Scope:
    """Which commitments a data set is of, at which point of both time axes."""

    asked: CommitmentFilter = field(default_factory=CommitmentFilter)

    @property
    def cutoff(self) -> Cutoff:
        """The point on both time axes."""
        return self.asked.cutoff

    @cached_property
    def commitments(self) -> Select[Any]:
        """Ids of the commitments that are in the data set."""
        return queries.commitments(self.asked, only=("id",)).order_by(None)

    def holds(self, commitment_id: Any) -> ColumnElement[bool]:
        """Whether a commitment is in the data set."""
        # Nothing but a number: SQLite would else look up every pair of commitments in the index of their ties.
        found: ColumnElement[bool] = (commitment_id + 0).in_(self.commitments)
        return found

    def documents(self) -> Select[Any]:
        """Ids of the documents that the commitments are from."""
        return select(Commitment.document_id).where(self.holds(Commitment.id))


def licensed(name: str, words: Any) -> ColumnElement[Any]:
    """Words of `SourceDocument` as far as its licence allows; `name` is what `records.WITHHELD` calls them."""
    modes = [mode for mode, withheld in WITHHELD.items() if name not in withheld]
    return case((SourceDocument.licence_mode.in_(modes), words)).label(name)


@dataclass(frozen=True)
class Field:
    """A column of a table."""

    name: str
    #: as Table Schema names it: string, integer, number, boolean, date, datetime
    kind: str
    zh: str
    en: str
    #: what the name does not say, in Chinese and English; may be empty
    about: tuple[str, str] = ("", "")
    #: the closed vocabulary that its values are of
    codes: type[Coded] | None = None
    required: bool = False
    unique: bool = False
    #: further constraints of Table Schema
    bounds: Mapping[str, Any] = field(default_factory=dict)

    def value(self, value: Any) -> Any:
        """A value as JSON and SQLite take it: codes by their value, times in ISO 8601 and UTC."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if self.kind in {"date", "datetime"}:
            return value.isoformat().replace("+00:00", "Z")
        return str(getattr(value, "value", value))


@dataclass(frozen=True)
class ForeignKey:
    """Columns that name a row of a table."""

    fields: tuple[str, ...]
    table: str
    there: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """A table of a data set."""

    name: str
    zh: str
    en: str
    #: what one row is
    about: tuple[str, str]
    key: tuple[str, ...]
    #: its columns are those of the table
    question: Callable[[Scope], Question] | None
    foreign: tuple[ForeignKey, ...] = ()
    #: closed vocabularies of computed columns, which the database knows nothing of
    codes: Mapping[str, type[Coded]] = field(default_factory=dict)
    #: columns that may be empty although the table they are from always has them
    optional: frozenset[str] = frozenset()
    #: rows that no database holds: the codebook
    listed: Callable[[], Sequence[Mapping[str, Any]]] | None = None

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The columns, in their order."""
        if self.question is None:
            rows = self.listed() if self.listed else ()
            return tuple(self._field(name, None) for name in (rows[0] if rows else ()))
        return tuple(self._field(str(column.key), column) for column in self.question(Scope()).selected_columns)

    def _field(self, name: str, column: Any) -> Field:
        base = column.element if isinstance(column, Label) else column
        kind = None if column is None else column.type
        codes = self.codes.get(name) or _coded(kind)
        is_key = name in self.key
        about = ABOUT.get(f"{self.name}.{name}") or ABOUT.get(name) or ("", "")
        if codes:
            of = anchor(codes.__name__)
            about = (f"代码，见 codebook 表的 {of}", f"a code of the vocabulary {of}, see the table codebook")
        return Field(
            name,
            next((said for type_, said in _TYPES if isinstance(kind, type_)), "string"),
            *named(self.name, name),
            about,
            codes,
            required=is_key or (getattr(base, "nullable", True) is False and name not in self.optional),
            unique=self.key == (name,),
            bounds=BOUNDS.get(f"{self.name}.{name}", BOUNDS.get(name, {})),
        )

    def _in_order(self, rows: Question, dialect: str) -> Question:
        """The rows in the order of the key, by code points whatever language the database sorts in."""

        def placed(column: Any) -> Any:
            if not isinstance(column.type, String):
                return column
            text = type_coerce(column, String)
            if dialect == "postgresql":
                return collate(text, "C")
            # Along one index SQLite need sort nothing. Along those of two tables it would pair all rows with all.
            return text if len(self.key) == 1 else text.concat("")

        return rows.order_by(None).order_by(*(placed(rows.selected_columns[name]) for name in self.key))

    def rows(self, session: Session, scope: Scope) -> Iterator[list[Any]]:
        """The rows as plain values, read in chunks."""
        if self.question is None:
            listed = sorted(self.listed() if self.listed else (), key=lambda row: [row[name] for name in self.key])
            yield from ([row[column.name] for column in self.fields] for row in listed)
            return
        convert = [column.value for column in self.fields]
        asked = self._in_order(self.question(scope), session.get_bind().dialect.name)
        found = session.execute(asked, execution_options={"yield_per": _CHUNK})
        for row in found:
            yield [to(value) for to, value in zip(convert, row, strict=True)]


def _coded(kind: Any) -> type[Coded] | None:
    """The closed vocabulary of a column of the database."""
    found = kind.enum_class if isinstance(kind, Enum) else None
    return found if found and issubclass(found, Coded) else None
