"""One process that answers with threads, by waitress: what `tracker serve` does unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from waitress.server import create_server

from tracker import db
from tracker.cli import memory
from tracker.cli.stopping import run_until_told

#: How requests are answered.
_MANNER: dict[str, Any] = {
    "ident": "tracker",
    # Python runs one of them at a time: more do not answer more, but readers go on while a few writers wait for their
    # turn, and each holds a connection and its memory.
    "threads": 8,
    # Connections that are kept open, as by a proxy, cost next to nothing; waitress would stop at 100.
    "connection_limit": 500,
    # `select` takes no more than 1,024 files of a process.
    "asyncore_use_poll": True,
    # Seconds without a word: longer than a proxy keeps a connection, so that it is never closed under a request.
    "channel_timeout": 120,
}


def listen(
    app: Flask, host: str, port: int, believed: Mapping[str, bool] | None = None
) -> tuple[int, Callable[[], None]]:
    """Take connections; returns at which port, and what answers them until SIGTERM or Ctrl-C.

    `believed` says whose headers are (see `security.hosts`). Raises `OSError` or `ValueError` where it cannot listen.
    """
    sockets: dict[int, Any] = {}
    server = create_server(app, map=sockets, host=host, port=port, **_MANNER | dict(believed or {}))

    def run() -> None:
        memory.settle()
        run_until_told(server, sockets)
        db.put_away(app.extensions["engine"])

    return getattr(server, "effective_port", port), run
