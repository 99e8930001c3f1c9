"""What rows are called where only their keys are known, as in the log: many tables, one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import ColumnElement, FromClause, String, case, cast, func, literal, select, union

from tracker import auth
from tracker.codebook import Role
from tracker.language import t
from tracker.models import Base

#: A table and the key of a row; of a key of several columns the first, which says whose it is.
Key = tuple[str, int]


class Named(NamedTuple):
    """A row as people call it, and its page at the desk; where it has none, the page of the row that it is part of."""

    name: str
    address: str


#: Table → column that points to the row that it is part of, and that it is called by.
_PART_OF = {
    "status_assessment": "commitment_id",
    "search_log": "commitment_id",
    "deadline_revision": "commitment_id",
    "milestone": "commitment_id",
    "comment": "commitment_id",
    "commitment_term": "commitment_id",
    "commitment_unit": "commitment_id",
    "commitment_link": "a_id",
    "review": "assessment_id",
    "assessment_evidence": "assessment_id",
    "milestone_reached": "milestone_id",
    "measurement": "figure_id",
    "comment_mention": "comment_id",
    "obstacle_closing": "obstacle_id",
    "archived_copy": "evidence_id",
    "coding_item": "round_id",
    "coding_reading": "item_id",
    "adjudication": "item_id",
    "passage_mark": "passage_id",
    "status_mapping": "scheme_id",
}

#: Table → columns that hold its names, where they are not `name_zh` and `name_en`.
_CALLED = {
    "policy_document": ("title", "title"),
    "obstacle": ("title", "title"),
    "source_document": ("title", "title"),
    "stated_figure": ("what_zh", "what_en"),
    "user": ("name", "name"),
    "coding_round": ("name", "name"),
}

#: Table → the page of one of its rows.
_PAGES = {
    "commitment": "commitment.details_view",
    "jurisdiction": "jurisdiction.details_view",
    "person": "person.details_view",
    "post": "post.details_view",
    "post_holding": "postholding.details_view",
    "organisation": "organisation.details_view",
    "vocabulary": "vocabulary.details_view",
    "term": "term.details_view",
    "policy_document": "policydocument.details_view",
    "obstacle": "obstacle.details_view",
    "source_document": "sourcedocument.details_view",
    "stated_figure": "statedfigure.details_view",
    "evidence": "evidence.details_view",
    "coding_round": "coding.round_view",
    "user": "account.details_view",
}

#: Longest excerpt of a quote, in characters.
_EXCERPT = 40


def names(session: Any, keys: Collection[Key]) -> dict[Key, Named]:
    """What rows are called, in the language of the request; one query. A row that is not there is left out."""
    by_table: dict[str, set[int]] = defaultdict(set)
    for table, key in keys:
        by_table[table].add(key)
    questions = [found for table, ids in sorted(by_table.items()) if (found := _called(table, ids)) is not None]
    if not questions:
        return {}
    rows = session.execute(union(*questions))
    return {(row.of, row.key): Named(t(row.zh, row.en), _page(row)) for row in rows}


def _page(row: Any) -> str:
    if row.page not in _PAGES or (row.page == "user" and not auth.may(Role.ADMIN)):
        return ""
    anchor = {"status_assessment": f"a{row.key}"}.get(row.of)
    return url_for(_PAGES[row.page], id=row.page_key, _anchor=anchor)


def _called(name: str, ids: Collection[int]) -> Any:
    """The question for the names of some rows of a table; none for a table whose rows have no name to be told."""
    table = Base.metadata.tables.get(name)
    if table is None or name == "saved_list":
        return None
    key = next(iter(table.primary_key))
    source, owner = _owner(table)
    if not (owner.name in _SPECIAL or owner.name in _CALLED or "name_zh" in owner.c):
        return None
    source, page, page_key, zh, en = _words(source, owner)
    columns: Any = [
        literal(name).label("of"),
        key.label("key"),
        literal(page).label("page"),
        page_key.label("page_key"),
        cast(zh, String).label("zh"),
        cast(en, String).label("en"),
    ]
    return select(*columns).select_from(source).where(key.in_(ids))


def _owner(table: Any) -> tuple[Any, Any]:
    """The table joined with what it is part of, and the outermost of these."""
    source: Any = table
    while table.name in _PART_OF:
        column = table.c[_PART_OF[table.name]]
        whole = pointed(column)
        assert whole is not None  # noqa: S101 - the columns above are foreign keys
        source = source.join(whole, column == whole.c.id)
        table = whole
    return source, table


def pointed(column: Any) -> Any:
    """The table that a column points to by its number; none where it does not."""
    return next((key.column.table for key in column.foreign_keys if key.column.name == "id"), None)


#: Tables whose names are put together.
_SPECIAL = {"commitment", "evidence", "post_holding", "passage", "turn"}


def _words(source: Any, owner: Any) -> tuple[FromClause, str, Any, ColumnElement[Any], ColumnElement[Any]]:
    """Source, page, its key, and the Chinese and English name of the rows of a table."""
    c, tables = owner.c, Base.metadata.tables
    match owner.name:
        case "commitment":
            return source, "commitment", c.id, c.code + " " + c.title_zh, c.code + " " + c.title_en
        case "evidence":
            called = func.coalesce(c.title, c.url)
            return source, "evidence", c.id, called, called
        case "post_holding":
            person, post = tables["person"], tables["post"]
            joined = source.join(person, person.c.id == c.person_id).join(post, post.c.id == c.post_id)
            zh, en = (person.c[name] + " · " + post.c[name] for name in ("name_zh", "name_en"))
            return joined, "post_holding", c.id, zh, en
        case "passage" | "turn":
            document = tables["source_document"]
            joined = source.join(document, document.c.id == c.document_id)
            said = (
                _quote(c, document) if owner.name == "passage" else document.c.title + " · " + cast(c.position, String)
            )
            return joined, "source_document", c.document_id, said, said
        case _:
            called_zh, called_en = _CALLED.get(owner.name, ("name_zh", "name_en"))
            return source, owner.name, c.id, c[called_zh], c[called_en]


def _quote(passage: Any, document: Any) -> ColumnElement[Any]:
    """The first words of a passage."""
    length = passage.end - passage.start
    whole = func.substr(document.c.text, passage.start + 1, length)
    cut = func.substr(document.c.text, passage.start + 1, _EXCERPT) + "…"
    return literal("“") + case((length > _EXCERPT, cut), else_=whole) + literal("”")
