"""The page of a document: the interview itself, with every commitment where it was said and how it stands beside it."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker import sources
from tracker.language import label, t
from tracker.pages import address, citation, formats
from tracker.reading import Holding, reading
from tracker.records import WITHHELD, of_rows


class UnknownDocument(NotFound):
    """No document has that key; `links` leads to those that commitments are from."""

    def __init__(self, key: str, links: list[tuple[str, str]]) -> None:
        super().__init__(t(f"没有“{key}”这篇文献。现有文献：", f"There is no document “{key}”. There are:"))
        self.links = links


def page(session: Session, key: str) -> ResponseReturnValue:
    """The page; as JSON or CSV the commitments of the document. Raises `UnknownDocument`."""
    form, cutoff = formats.wanted(), address.cutoff()
    read = reading(session, key, cutoff)
    if read is None:
        there = {one.key: one.title for one in session.execute(sources.documents())}
        raise UnknownDocument(key, [(url_for("pages.document", key=one), title) for one, title in there.items()])
    if form != "html":
        withheld = dict.fromkeys(WITHHELD[read.document.licence_mode])
        rows = ({**record, **withheld} for record in of_rows(session, read.rows, cutoff))
        return formats.answer(rows, form, key, formats.meta(cutoff, list=key, document=read.document.title))
    speakers = session.execute(sources.documents(key)).all()
    kind, names = label(read.document.kind), ", ".join(one.speaker_en for one in speakers)
    return render_template(
        "document.html",
        called=t(read.document.title, f"{kind}: {names or read.document.key}, {read.document.date}"),
        read=read,
        document=read.document,
        speakers=speakers,
        rows={row.code: row for row in read.rows},
        city_slug=read.rows[0].city_slug if read.rows else None,
        holding=Holding,
        cutoff=cutoff,
        citation=citation.citation(read.document.title, cutoff),
        described=citation.text(read.document, [t(one.speaker_zh, one.speaker_en) for one in speakers]),
    )
