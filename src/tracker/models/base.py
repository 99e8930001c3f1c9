"""What every table shares: names of constraints, codes by value, and times in UTC."""

from __future__ import annotations

import enum
import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, Enum, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, aliased

#: Longest short text (a name, a title, an address) that a column takes.
LINE = 500

#: Longest text of several lines (a note, a summary), in characters; what was published is as long as it is.
LONG = 20_000

#: Columns that hold what something is called.
NAMES = frozenset({"name", "name_zh", "name_en", "title", "title_zh", "title_en", "publisher"})


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def coded(codes: type[enum.Enum], name: str) -> Enum:
    """A column type that stores the codes of an enum by value and has the database check them.

    `name` is the column's: it names the check, so that one table can hold an enum twice.
    """
    return Enum(
        codes,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [str(member.value) for member in members],
    )


def shared(model: Any, name: str) -> Any:
    """An alias of a model for questions that several threads put together at once.

    SQLAlchemy finds the columns of an alias when they are first asked for. Two threads that do so together can each be
    given a column of the table in place of the alias, and keep it: every later question then joins all rows with all.
    So they are asked for here, once, while the module is loaded.
    """
    alias = aliased(model, name=name)
    for column in model.__table__.columns.keys():  # noqa: SIM118 - the collection yields columns
        getattr(alias, column).__clause_element__()
    return alias


class Base(DeclarativeBase):
    """Base of all tables; a table is named after its class."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime(), str: String(LINE)}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # A subclass that maps the same table (the account of who is signed in) keeps that table's name.
        if "__tablename__" not in cls.__dict__ and not any(hasattr(base, "__tablename__") for base in cls.__mro__[1:]):
            cls.__tablename__ = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        super().__init_subclass__(**kwargs)
