"""The JSON API under `/api/v1/`: what pages and desk show and record, for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, scoped_session

from tracker.api import (
    answers,
    assessments,
    cities,
    commitments,
    described,
    documents,
    evidence,
    parameters,
    reference,
    summaries,
)
from tracker.api.asked import Asked
from tracker.api.cursors import whole
from tracker.api.operations import Operation
from tracker.api.problems import BASE, Problem

#: Everything that the API answers, in the order of the reference page.
OPERATIONS: tuple[Operation, ...] = (
    *cities.OPERATIONS,
    *documents.OPERATIONS,
    *commitments.OPERATIONS,
    *assessments.OPERATIONS,
    *evidence.OPERATIONS,
    *summaries.OPERATIONS,
)

#: Its routes, by name; each operation looks itself who may ask.
ROUTES = (*(f"api.{one.name}" for one in OPERATIONS), "api.document_of_all", "api.reference")


def blueprint(session: scoped_session[Session]) -> Blueprint:
    """Every operation at its address, the document that describes them, and the page made of that."""
    api = Blueprint("api", __name__)
    for one in OPERATIONS:
        api.add_url_rule(one.rule(BASE), one.name, _on(session, one), methods=[one.method])
    api.add_url_rule(f"{BASE}/openapi.json", "document_of_all", _document)
    api.add_url_rule(f"{BASE}/", "reference", lambda: reference.page(OPERATIONS))
    return api


def _document() -> Response:
    parameters.given(())
    return answers.answer(described.document(OPERATIONS, whole(BASE)))


def _on(session: scoped_session[Session], one: Operation) -> Callable[..., ResponseReturnValue]:
    """An operation on the session of the request. No name holds a NUL, and PostgreSQL refuses to be asked for one."""

    def answered(**named: Any) -> ResponseReturnValue:
        if any("\0" in name for name in named.values()):
            raise Problem(404, "没有这一项", "there is no such thing")
        return one(Asked(session(), said=parameters.given(one.parameters)), **named)

    return answered
