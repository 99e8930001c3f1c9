"""The page of a commitment: what was said, how it stands, how anyone knows, and what happened since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from operator import attrgetter
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, String, bindparam, select
from sqlalchemy.orm import Session, joinedload, raiseload
from werkzeug.exceptions import Gone, NotFound

from tracker import quotes, sources, surroundings
from tracker.codebook import LicenceMode, PublicationState
from tracker.filters import CommitmentFilter
from tracker.histories import History, as_records, history
from tracker.language import t
from tracker.models import Commitment, SourceDocument
from tracker.pages import address, citation, conditions, formats, lists
from tracker.quotes import Words
from tracker.records import Record, as_licensed, of_rows
from tracker.rows import read
from tracker.standings import dated


class UnknownCommitment(NotFound):
    """No commitment has that code, or it is not published yet; `links` leads to the lists."""

    def __init__(self, code: str) -> None:
        super().__init__(
            t(f"没有编号为“{code}”的承诺。可从这里查找：", f"There is no commitment “{code}”. Look for it here:")
        )
        self.links = _lists()


class WithdrawnCommitment(Gone):
    """A commitment was published under that code and has been withdrawn. The code is not given to another."""

    def __init__(self, code: str) -> None:
        super().__init__(
            t(
                f"“{code}”发布后已撤下，编号不会另作他用。其余承诺见：",
                f"“{code}” was published and has been withdrawn; its code is never used again. The others are here:",
            )
        )
        self.links = _lists()


def _lists() -> list[tuple[str, str]]:
    return [
        (url_for("pages.commitments"), t("全部承诺", "All commitments")),
        (url_for("pages.front"), t("各市承诺", "The commitments of each city")),
    ]


@dataclass(frozen=True)
class Event:
    """Something that happened to a commitment: on which day, as exactly as it is known, of which sort, and what."""

    day: date
    shown: str
    sort: str
    what: Any


def page(session: Session, code: str) -> ResponseReturnValue:
    """The page, or the same as JSON or CSV, or to follow. Raises `UnknownCommitment` and `WithdrawnCommitment`."""
    cutoff, form = address.cutoff(), formats.wanted(formats.FOLLOWED)
    row = _published(session, code)
    if form in formats.FOLLOWED:
        itself = CommitmentFilter(code=code, cutoff=cutoff)
        return lists.followed(
            session, itself, form, f"{code} {t(row.title_zh, row.title_en)}", code, conditions.said(itself)
        )
    family = read(session, *surroundings.family(row, cutoff))
    told = next(one for one in family if one.code == code)
    (record,) = of_rows(session, [told], cutoff)
    found = history(session, row.id, cutoff)
    if form != "html":
        (record,) = as_licensed(session, [record])
        return formats.answer([{**record, **as_records(found)}], form, code, formats.meta(cutoff, name=code))
    links = [link["code"] for link in record["links"]]
    return render_template(
        "commitment.html",
        row=record,
        document=row.document,
        words=_words(session, row),
        family=family,
        standing=found.standing(told.assessment),
        found=found,
        events=sorted(_events(record, found), key=attrgetter("day", "sort")),
        recorded_on=sorted({one.assessment.recorded_at.date() for one in found.judgements}),
        true_on=sorted({one.assessment.effective_on for one in found.judgements}),
        neighbours=read(session, *surroundings.neighbours(row))[0],
        city_slug=told.city_slug,
        published=set(session.scalars(sources.published(links))) if links else set(),
        cutoff=cutoff,
        citation=citation.citation(f"{code} {t(row.title_zh, row.title_en)}", cutoff),
        described=citation.quotation(record, citation.text(row.document), cutoff),
    )


def _published(session: Session, code: str) -> Commitment:
    row = session.scalars(_coded(), {"code": code}).one_or_none()
    if row is None or row.publication_state is PublicationState.DRAFT:
        raise UnknownCommitment(code)
    if row.publication_state is PublicationState.WITHDRAWN:
        raise WithdrawnCommitment(code)
    return row


@cache
def _coded() -> Select[Commitment]:
    """The commitment with a code, and what its words are cut out of; put together once."""
    rows = select(Commitment).where(Commitment.code == bindparam("code", type_=String))
    return rows.options(
        *(joinedload(part) for part in (Commitment.passage, Commitment.focus, Commitment.turn)),
        joinedload(Commitment.document).raiseload(SourceDocument.jurisdiction),
        raiseload("*"),
    )


def _words(session: Session, row: Commitment) -> Words:
    """The quote in its place; without its neighbours where only quotes of the text may be shown."""
    words = quotes.words(session, row)
    return words if row.document.licence_mode is LicenceMode.FULL_TEXT else replace(words, before="", after="")


def _events(record: Record, found: History) -> Iterator[Event]:
    """What happened since: judgements that hold, with what a second person said; deadlines, steps and measurements."""
    for one in found.judgements:
        row = one.assessment
        if one.is_valid:
            yield Event(row.effective_on, dated(row.effective_on, row.effective_precision), "judged", one)
            yield from (_on(review.recorded_at.date(), "reviewed", review) for review in one.reviews)
    yield from (_on(moved.announced_on, "moved", moved) for moved in found.revisions)
    for sort, day, kept in (
        ("planned", "planned_on", "milestones"),
        ("reached", "reached_on", "milestones"),
        ("measured", "found_as_of", "figures"),
    ):
        yield from (_on(what[day], sort, what) for what in record[kept] if what[day])


def _on(day: date, sort: str, what: Any) -> Event:
    return Event(day, day.isoformat(), sort, what)
