"""A change through the API: signed by the account of its token, committed once, and answered again if sent again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from flask import Response, request
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker import db, kept_answers
from tracker.api.problems import Problem, of_rules
from tracker.kept_answers import Answer, OtherRequest
from tracker.rules import RuleBroken

#: Header that names a request, so that it does nothing twice.
KEY = "Idempotency-Key"

_KEY = re.compile(r"[\x21-\x7e]{1,200}")

#: Fields of rules that the body says in another place.
_PLACES = {"searched_on": "searches"}


def once(session: Session, user_id: int, change: Callable[[], Response]) -> Response:
    """Make a change and commit it with its answer; what was answered before to the POST that bears the same key.

    Raises `Problem` where it is refused; nothing is kept then.
    """
    key = request.headers.get(KEY) if request.method == "POST" else None
    if key is None:
        return _changed(session, change)
    if not _KEY.fullmatch(key):
        raise Problem(400, f"{KEY} 须为 1 至 200 个可见 ASCII 字符", f"{KEY} is 1 to 200 visible ASCII characters")
    mark, asked = kept_answers.mark_of(user_id, key), _digest()
    try:
        earlier = kept_answers.earlier(session, mark, asked)
    except OtherRequest:
        raise Problem(
            422, f"这个 {KEY} 已用于另一请求，请换一个", f"this {KEY} was given to another request: choose another"
        ) from None
    if earlier is not None:
        session.rollback()
        return _again(earlier)

    def kept() -> Response:
        made = change()
        answer = Answer(made.status_code, made.headers.get("Location"), made.headers.get("ETag"), made.get_data())
        kept_answers.keep(session, mark, asked, answer)
        return made

    return _changed(session, kept)


def _digest() -> str:
    """What tells this request from another: what is sent, and where."""
    whole = f"{request.method} {request.full_path} {request.headers.get('If-Match', '')}\n".encode()
    return hashlib.sha256(whole + request.get_data()).hexdigest()


def _again(earlier: Answer) -> Response:
    response = Response(earlier.body, status=earlier.status, content_type="application/json")
    beside = {"Location": earlier.location, "ETag": earlier.etag, "Idempotent-Replayed": "true"}
    response.headers.extend({name: value for name, value in beside.items() if value})
    response.headers["Cache-Control"] = "no-store"
    return response


def _changed(session: Session, change: Callable[[], Response]) -> Response:
    try:
        made = change()
        session.commit()
    except RuleBroken as broken:
        session.rollback()
        raise of_rules(broken.faults, _PLACES) from None
    except SQLAlchemyError as error:
        session.rollback()
        raise _refused(error) from error
    made.headers["Cache-Control"] = "no-store"
    return made


def _refused(error: SQLAlchemyError) -> Exception:
    """Why the database refused, in plain words; the error itself where it cannot write now, or the fault is ours."""
    if db.trouble(error):
        return error
    if isinstance(error, StaleDataError):
        return Problem(409, "同时有人改了这一行，请再读一次", "somebody changed this row just now: read it again")
    if isinstance(error, DataError):
        return Problem(422, "有一项太长，或数值超出范围", "something is too long, or a number is out of range")
    if not isinstance(error, IntegrityError | DBAPIError):
        return error
    message, named = str(error.orig), db.constraint(error)
    if asked_for := db.broken_check(message, named):
        return Problem(422, *asked_for)
    if "unique" in message.lower():
        return Problem(409, "已有同样的一项", "the same is there already")
    return Problem(422, "不合数据库的规则，没有写入", "this breaks a rule of the database; nothing was written")
