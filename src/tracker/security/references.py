"""Each request has a reference: what a page about an error shows, what every line of the log about it says."""

from __future__ import annotations

import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request, request_started
from flask_login import current_user

from tracker import events
from tracker.api import problems
from tracker.events import Event
from tracker.security.headers import ALWAYS

#: Letters and digits that cannot be taken for one another, also when read out.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 10

#: A one-time link in a path: whoever reads the log must not be able to use it.
_SECRET = re.compile(r"^(/setup/)(.*)$", re.DOTALL)

#: Longest path that a line of the log tells.
_LONGEST = 200

#: What is answered where not even a page about the error can be made.
_LAST_RESORT = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>程序出错了</title>
<h1>程序出错了 <span lang="en">Something went wrong here</span></h1>
<p>错在我们这边，已记入日志。没有写完的改动不会留下。</p>
<p lang="en">The fault is ours and has been logged. A change that was not finished has left nothing behind.</p>
<p>参考号 <span lang="en">Reference</span> {reference}</p></html>
"""

_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
    *ALWAYS.items(),
)


def install(app: Flask) -> None:
    """Give each request to `app` a reference, before anything else looks at it, and log how it was answered."""
    app.wsgi_app = _Referenced(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's documentation does
    request_started.connect(_hide_secrets, app)
    app.jinja_env.globals["reference"] = reference


def reference() -> str:
    """The reference of the request that is being answered."""
    return (events.REQUEST.get() or {}).get("reference", "")


def note_who() -> None:
    """Note who asks, once that is known."""
    known = events.REQUEST.get()
    if known is not None and current_user.is_authenticated:
        known["who"] = current_user.name


def last_resort() -> str:
    """A page about a fault that needs no template and no database."""
    return _LAST_RESORT.format(reference=reference())


def problem() -> str:
    """The same for a program that asked the API."""
    return problems.told(500, problems.KINDS[500].advice_en)


def _hide_secrets(_app: Flask, **_: Any) -> None:
    """Leave the secret of a one-time link out of what is logged."""
    known, secret = events.REQUEST.get(), (request.view_args or {}).get("token")
    if known and secret:
        known["path"] = known["path"].replace(str(secret), "…")


class _Referenced:
    """The application behind a door that numbers requests and writes down each answer."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
        events.REQUEST.set(
            {
                "reference": "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)),
                "address": environ.get("REMOTE_ADDR", ""),
                "method": environ.get("REQUEST_METHOD", "")[:20],
                "path": _SECRET.sub(r"\1…", path)[:_LONGEST],
            }
        )
        began, answered = time.monotonic(), ""

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal answered
            answered = status.partition(" ")[0]
            return start_response(status, headers, *error)

        try:
            return self.inner(environ, start)
        except Exception as fault:  # not even the page about the fault could be made
            events.fault(fault)
            kind, said = ("application/problem+json", problem()) if path.startswith("/api/") else ("", last_resort())
            headers = [*([("Content-Type", kind)] if kind else _HEADERS[:1]), *_HEADERS[1:]]
            start("500 Internal Server Error", headers, *([sys.exc_info()] if answered else []))
            return [said.encode()]
        finally:
            events.say(Event.ANSWERED, status=answered, ms=round((time.monotonic() - began) * 1000))
