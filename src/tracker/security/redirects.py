"""Where a redirect leads: to a path of this site."""

from __future__ import annotations

import re

from flask import Flask, Response, request, url_for

from tracker import events
from tracker.events import Event

#: A path that no browser takes for another site: one slash, then neither slash, backslash nor what browsers drop.
_PATH = re.compile(r"/(?![/\\])[^\\\s\x00-\x20\x7f-\xa0]*")


def install(app: Flask) -> None:
    """Keep every redirect of `app` on the site."""
    app.after_request(_stays_here)


def _stays_here(response: Response) -> Response:
    if 300 <= response.status_code < 400 and response.location is not None:
        # Flask adds a missing slash by a whole address.
        path = response.location.removeprefix(request.host_url.rstrip("/"))
        if not _PATH.fullmatch(path):
            events.say(Event.REFUSED, what="redirect", why="OffSite")
            path = url_for("pages.front")
        response.location = path
    return response
