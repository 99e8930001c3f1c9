"""The JSON API under `/api/v1/`: what pages and desk show and record, for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, scoped_session

from tracker import audit, etags
from tracker.api import (
    answers,
    assessments,
    cities,
    coding,
    commitments,
    described,
    documents,
    entering,
    evidence,
    parameters,
    recording,
    reference,
    summaries,
    writing,
)
from tracker.api.asked import Asked
from tracker.api.bearer import Bearer, bearer
from tracker.api.bodies import body
from tracker.api.cursors import whole
from tracker.api.operations import Operation
from tracker.api.problems import BASE, Problem
from tracker.api.taken import TAKEN
from tracker.codebook import Role
from tracker.models import User

#: Everything that the API answers, in the order of the reference page.
OPERATIONS: tuple[Operation, ...] = (
    *cities.OPERATIONS,
    *documents.OPERATIONS,
    *commitments.OPERATIONS,
    *coding.OPERATIONS,
    *entering.OPERATIONS,
    *assessments.OPERATIONS,
    *recording.OPERATIONS,
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
        # What a cookie may have opened is closed: nobody is known here but by a token.
        session.remove()
        who = bearer()
        said = parameters.given(one.parameters)
        if one.role is None:
            asked_by = who and _account(session(), who)
            return etags.unless_known(session(), lambda: one(Asked(session(), asked_by, said), **named))
        allowed = _allowed(who, one.role)
        asked_for = body(TAKEN[one.takes])
        asked = Asked(audit.signed_by(session(), allowed.name), _account(session(), allowed), said, asked_for)
        return writing.once(session(), allowed.user_id, lambda: one(asked, **named))

    return answered


def _allowed(who: Bearer | None, role: Role) -> Bearer:
    if who is None:
        raise Problem(401, "写入须有令牌", "to write needs a token")
    if not who.role.covers(role):
        raise Problem(
            403,
            f"这样做须有{role.zh}角色；令牌现在的角色是{who.role.zh}",
            f"this needs the role {role.value}; the token has {who.role.value} now",
        )
    return who


def _account(session: Session, who: Bearer) -> User:
    return session.get_one(User, who.user_id)
