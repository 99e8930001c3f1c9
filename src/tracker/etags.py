"""An answer that somebody has already is not made again: the state of the ledger says whether it would be the same.

Every change of the ledger ends in the chain, so the hash of its last entry names all that is shown. With the program,
the day, the language and the address it makes the last part of an ETag, `W/"content~state"`. Who names that is
answered 304 before anything is read. Who names an older state still is, where the page finds its content the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from flask import Response, current_app, make_response, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.http import parse_etags

from tracker import known, language
from tracker.standings import Cutoff

#: What parts the content from the state. No other ETag here holds it.
_PARTED = "~"

#: Where the session of somebody who is signed in says who it is: what they are shown is kept in no cache.
_USER = "_user_id"


def unless_known(db_session: Session, page: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """What `page` answers, under an ETag of the state of the ledger; 304 without asking it where that is known."""
    if request.method not in {"GET", "HEAD"} or request.authorization or _USER in session:
        return page()
    state = _state(db_session)
    named = parse_etags(request.environ.get("HTTP_IF_NONE_MATCH"))
    for mark in named.as_set(include_weak=True):
        if mark and mark.endswith(f"{_PARTED}{state}"):
            return _unchanged(mark, weak=named.is_weak(mark))
    if named and not named.star_tag:
        # The page itself looks whether its content is the same.
        request.environ["HTTP_IF_NONE_MATCH"] = ", ".join(
            f'W/"{mark.partition(_PARTED)[0]}"' for mark in named.as_set(include_weak=True) if mark
        )
    return _marked(make_response(page()), state)


def _marked(response: Response, state: str) -> Response:
    if response.status_code in {200, 304}:
        content, is_weak = response.get_etag()
        # A page is put together anew with each state, and may differ in a blank.
        response.set_etag(f"{content or ''}{_PARTED}{state}", weak=content is None or bool(is_weak))
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-cache"
    return response


def _unchanged(mark: str, *, weak: bool) -> Response:
    """304: what is not said stays as it was sent, the type of the content above all."""
    response = Response(status=304)
    del response.headers["Content-Type"]
    response.set_etag(mark, weak=weak)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(["Accept", "Accept-Language", "Cookie"])
    return response


def _state(db_session: Session) -> str:
    """Changes with anything that an answer to this request depends on."""
    asked = (request.url, request.headers.get("Accept"), language.current())
    told = (current_app.config["READERS_SEE"], current_app.config["BASE_URL"], bool(current_app.config["READ_ONLY"]))
    state = (_program(), known.state(db_session), Cutoff().day(), *asked, *told)
    return hashlib.sha256(repr(state).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _program() -> tuple[str, int]:
    """The version of the program, and when a file of it was changed last: between two versions pages change too."""
    files = (path for path in Path(__file__).parent.rglob("*") if path.suffix in {".py", ".html", ".xml"})
    return version("tracker"), max(path.stat().st_mtime_ns for path in files)
