"""What a database refused, in plain words: what is wrong and what to do, never SQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import flash
from sqlalchemy import UniqueConstraint
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from tracker import db
from tracker.admin import labels
from tracker.language import t
from tracker.models import Base


def written(session: Any, change: Callable[[], Any]) -> Any:
    """Make a change and commit it; none, with the reason flashed and nothing kept, where the database refuses it."""
    try:
        made = change()
        session.commit()
    except SQLAlchemyError as error:
        session.rollback()
        flash(said(error), "error")
        return None
    return made


def said(error: SQLAlchemyError) -> str:
    """Why the database refused, and what to do, in the language of the request.

    Raises the error again where the change is in order and the database cannot write it now.
    """
    if db.trouble(error):
        raise error
    if isinstance(error, StaleDataError):
        return t(
            "保存期间，这一行被别人改了。请重新打开再改。",
            "Somebody changed this row meanwhile. Open it again and redo the change.",
        )
    if isinstance(error, IntegrityError):
        return _broken(str(error.orig), db.constraint(error))
    if isinstance(error, DataError):
        return t("有一项太长，或数值超出范围。", "Something is too long, or a number is out of range.")
    if isinstance(error, DBAPIError) and "written once" in str(error.orig):
        return t("这类记录只增不改。", "Rows of this kind are written once and never changed.")
    return t("数据库拒绝了这一改动，没有保存。", "The database refused this change; nothing was saved.")


def _broken(message: str, constraint: str) -> str:
    if asked_for := db.broken_check(message, constraint):
        return t(*asked_for)
    lower = message.lower()
    if "a text is too long" in lower:
        return t(
            "有一项太长，或名称里有看不见的字符。",
            "Something is too long, or a name holds a hidden character.",
        )
    if "unique" in lower:
        return _taken(_columns(message, constraint))
    if "foreign key" in lower:
        return t(
            "所指的另一行不存在，或仍有别的行指向这一行。",
            "It points to a row that is not there, or other rows still point to it.",
        )
    if "not null" in lower or "not-null" in lower:
        return t("有一项必填而未填。", "Something that is required was left empty.")
    return t("这一改动不合数据库的规则，没有保存。", "The change breaks a rule of the database; nothing was saved.")


def _columns(message: str, constraint: str) -> tuple[str, list[str]]:
    """Table and columns that a unique constraint is about; SQLite names the columns, PostgreSQL the constraint."""
    named = re.findall(r"(?<!\w)(\w++)\.(\w+)", message) if "UNIQUE constraint failed" in message else []
    if named:
        return named[0][0], [column for _, column in named]
    for table in Base.metadata.tables.values():
        for rule in table.constraints:
            if isinstance(rule, UniqueConstraint) and rule.name == constraint:
                return table.name, [column.name for column in rule.columns]
    return "", []


def _taken(where: tuple[str, list[str]]) -> str:
    table, columns = where
    names = [labels.of(table, column.removesuffix("_id")) for column in columns]
    listed = t("、", ", ").join(names)
    return t(f"已有一行用了相同的{listed or '内容'}。", f"Another row already has the same {listed or 'content'}.")
