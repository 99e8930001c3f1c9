"""The page of a document: the interview itself, with every commitment where it was said and how it stands beside it."""

from __future__ import annotations

from flask import render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker import sources
from tracker.language import label, t
from tracker.pages import address, citation
from tracker.reading import Holding, reading


class UnknownDocument(NotFound):
    """No document has that key; `links` leads to those that commitments are from."""

    def __init__(self, key: str, links: list[tuple[str, str]]) -> None:
        super().__init__(t(f"没有“{key}”这篇文献。现有文献：", f"There is no document “{key}”. There are:"))
        self.links = links


def page(session: Session, key: str) -> str:
    """The page. Raises `UnknownDocument`."""
    cutoff = address.cutoff()
    read = reading(session, key, cutoff)
    documents = list(dict.fromkeys(session.execute(sources.documents()).all()))
    if read is None:
        raise UnknownDocument(key, [(url_for("pages.document", key=one.key), one.title) for one in documents])
    speakers = [one for one in documents if one.key == key]
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
