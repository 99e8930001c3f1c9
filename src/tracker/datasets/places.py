"""Tables of places, people, offices, and of the texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlalchemy.orm import aliased

from tracker.codebook import LicenceMode
from tracker.datasets.resource import ForeignKey, Resource, Scope, licensed
from tracker.models import Jurisdiction, Organisation, Person, Post, PostHolding, SourceDocument, Turn
from tracker.standings import Question


def _cities(_scope: Scope) -> Question:
    parent = aliased(Jurisdiction)
    row = Jurisdiction
    return select(
        row.code, row.iso_code, row.slug, row.name_zh, row.name_en, row.level, parent.code.label("parent")
    ).outerjoin(parent, parent.id == row.parent_id)


def _people(_scope: Scope) -> Question:
    return select(Person.code, Person.name_zh, Person.name_en)


def _organisations(_scope: Scope) -> Question:
    row, parent = Organisation, aliased(Organisation)
    return (
        select(
            row.code, row.kind, row.name_zh, row.name_en, Jurisdiction.code.label("city"), parent.code.label("parent")
        )
        .outerjoin(Jurisdiction, Jurisdiction.id == row.jurisdiction_id)
        .outerjoin(parent, parent.id == row.parent_id)
    )


def _posts(_scope: Scope) -> Question:
    row = Post
    return (
        select(
            row.code,
            row.name_zh,
            row.name_en,
            Jurisdiction.code.label("city"),
            Organisation.code.label("organisation"),
        )
        .outerjoin(Jurisdiction, Jurisdiction.id == row.jurisdiction_id)
        .outerjoin(Organisation, Organisation.id == row.organisation_id)
    )


def _post_holdings(_scope: Scope) -> Question:
    row = PostHolding
    return (
        select(
            row.id,
            Person.code.label("person"),
            Post.code.label("post"),
            row.start,
            row.end,
            row.note_zh,
            row.note_en,
        )
        .join(Person, Person.id == row.person_id)
        .join(Post, Post.id == row.post_id)
    )


def _documents(scope: Scope) -> Question:
    row, other = SourceDocument, aliased(SourceDocument)
    full = case((row.licence_mode == LicenceMode.FULL_TEXT, row.text)).label("text")
    said: list[Any] = [
        row.publisher, row.author, row.title, row.kicker, row.headline, row.byline, row.date, row.date_note_zh,
        row.date_note_en, row.url, row.archived_url, row.source_tier, row.licence_mode, full, row.sha256,
        row.raw_sha256,
    ]  # fmt: skip
    return (
        select(row.key, row.kind, row.language, Jurisdiction.code.label("city"), *said, other.key.label("supersedes"))
        .outerjoin(Jurisdiction, Jurisdiction.id == row.jurisdiction_id)
        .outerjoin(other, (other.id == row.supersedes_id) & other.id.in_(scope.documents()))
        .where(row.id.in_(scope.documents()))
    )


def _turns(scope: Scope) -> Question:
    row = Turn
    asked = func.substr(SourceDocument.text, row.question_start + 1, row.question_end - row.question_start)
    return (
        select(
            turn_key().label("key"),
            SourceDocument.key.label("document"),
            row.position,
            licensed("question", asked),
            row.question_head_missing,
            row.question_start,
            row.question_end,
            row.answer_start,
            row.answer_end,
        )
        .join(SourceDocument, SourceDocument.id == row.document_id)
        .where(row.document_id.in_(scope.documents()))
    )


def turn_key() -> ColumnElement[str]:
    """What a question with its answer is called in a data set: its document and its number."""
    return SourceDocument.key + "/" + cast(Turn.position, String)


def to(table: str, **columns: str) -> ForeignKey:
    """A key: `to("turns", document="document", turn="turn")` says which column is which there."""
    return ForeignKey(tuple(columns), table, tuple(columns.values()))


PLACES = (
    Resource(
        "cities", "地区", "Places", ("一个省或市", "a province or a city"), ("code",), _cities,
        (to("cities", parent="code"),), optional=frozenset({"parent"}),
    ),
    Resource("people", "人物", "People", ("担任或曾担任职务的人", "somebody who holds or held an office"),
             ("code",), _people),
    Resource(
        "organisations", "单位", "Organisations", ("可以担责的单位", "a unit that can be responsible"), ("code",),
        _organisations, (to("cities", city="code"), to("organisations", parent="code")),
        optional=frozenset({"city", "parent"}),
    ),
    Resource(
        "posts", "职务", "Posts", ("一个职务；继任者承接其承诺", "an office; a successor inherits its commitments"),
        ("code",), _posts, (to("cities", city="code"), to("organisations", organisation="code")),
        optional=frozenset({"city", "organisation"}),
    ),
    Resource(
        "post_holdings", "任职", "Holdings of posts",
        ("谁在什么时候担任什么职务", "who held which office, from when to when"), ("id",), _post_holdings,
        (to("people", person="code"), to("posts", post="code")), optional=frozenset({"start", "end"}),
    ),
    Resource(
        "documents", "文献", "Documents",
        ("一篇已刊发的文本，装载后不改", "a published text, never changed once loaded"),
        ("key",), _documents, (to("cities", city="code"), to("documents", supersedes="key")),
        optional=frozenset({"city", "supersedes", "text"}),
    ),
    Resource(
        "turns", "问答", "Questions and answers", ("一次提问和对它的回答", "one question and its answer"),
        ("key",), _turns, (to("documents", document="key"),), optional=frozenset({"question"}),
    ),
)  # fmt: skip
