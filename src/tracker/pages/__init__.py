"""The readers' pages: what was promised, in whose words, and what became of it. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, scoped_session

from tracker import etags
from tracker.pages import (
    address,
    charts,
    city,
    codebook,
    commitment,
    data,
    document,
    formats,
    front,
    integrity,
    links,
    lists,
    method,
    report,
    rows,
)
from tracker.standings import dated

#: Each page by its endpoint: its address, and what makes it from a session and what the address names.
_PAGES: dict[str, tuple[str, Callable[..., ResponseReturnValue]]] = {
    "front": ("/", front.page),
    "city": ("/cities/<name>", city.page),
    "city_charts": ("/cities/<name>/charts", city.overview),
    "city_report": ("/cities/<name>/report", report.page),
    "commitments": ("/commitments", lists.everything),
    "commitment": ("/commitments/<code>", commitment.page),
    "kind": ("/kinds/<name>", lists.of_kind),
    "sector": ("/sectors/<name>", lists.on_sector),
    "term": ("/terms/<vocabulary>/<name>", lists.on_subject),
    "document": ("/documents/<key>", document.page),
    "chart": ("/charts/<name>.<form>", charts.file),
    "method": ("/method", method.page),
    "codebook": ("/codebook", codebook.page),
    "data": ("/data", data.page),
    "data_file": ("/data/ledger.<form>", data.file),
    "integrity": ("/integrity", integrity.page),
    "checkpoint": ("/checkpoint", integrity.checkpoint),
}

#: Pages that tell the time, the report, whose own content policy an answer without it would take away, and those that
#: ask the ledger for nothing.
_MADE_ANEW = (integrity.page, integrity.checkpoint, report.page, method.page, codebook.page)


def blueprint(session: scoped_session[Session]) -> Blueprint:
    """Every page for readers, at its address."""
    pages = Blueprint("pages", __name__)
    shown = {
        "url_for": links.url_for,
        "here": address.here,
        "kept": address.kept,
        "canonical": address.canonical,
        "subject": lists.subject,
        "shown_rows": rows.shown,
        "dated": dated,
        "version": version("tracker"),
        "licence": formats.LICENCE,
    }
    pages.record(lambda state: state.app.jinja_env.globals.update(shown))
    for endpoint, (rule, page) in _PAGES.items():
        pages.add_url_rule(rule, endpoint, _on(session, page))
    return pages


def _on(session: scoped_session[Session], page: Callable[..., ResponseReturnValue]) -> Callable[..., Any]:
    """A page on the session of the request. No name holds a NUL, and PostgreSQL refuses to be asked for one."""

    def answered(**named: str) -> ResponseReturnValue:
        def made() -> ResponseReturnValue:
            answer = page(session(), **{part: name.replace("\0", "\ufffd") for part, name in named.items()})
            return integrity.stated(session(), answer) if isinstance(answer, Response) else answer

        return made() if page in _MADE_ANEW else etags.unless_known(session(), made)

    return answered
