"""Several processes that answer side by side, by gunicorn: each with threads and connections of its own.

What is to be done once (upgrade, seed, backup, the link that makes the first account) is done by `tracker serve` before
there is a second process; what they share they share through the database and the files beside it. The application is
made once and its workers are forks of it: no connection may be open then, because a fork that uses or closes one breaks
that of its parent, and SQLite's locks with it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from tracker import db
from tracker.cli import memory

#: Threads of each worker: with two workers as many as one process has by itself.
_THREADS = 4

#: Seconds in which a worker finishes what it answers once it is told to stop.
_LAST_ANSWERS = 8

#: Where a worker shows that it lives: in memory, because a busy disk would make it look dead.
_MEMORY = "/dev/shm"  # noqa: S108 - gunicorn makes a file of its own there


def listen(app: Flask, host: str, port: int, workers: int) -> tuple[int, Callable[[], None]]:
    """Take connections; returns at which port, and what answers them by so many workers until SIGTERM or Ctrl-C.

    A worker that dies is replaced, and the others go on meanwhile. Raises `OSError` where it cannot listen.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    app.extensions["engine"].dispose()

    def run() -> None:
        memory.settle()
        _Workers(app, _manner(app, listening, workers)).run()

    return int(listening.getsockname()[1]), run


def _manner(app: Flask, listening: socket.socket, workers: int) -> dict[str, Any]:
    return {
        "bind": f"fd://{listening.detach()}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": _THREADS,
        "preload_app": True,
        "graceful_timeout": _LAST_ANSWERS,
        # As one process keeps them; see `threads`.
        "keepalive": 120,
        # Seconds after which a worker that hangs as a whole is replaced; a long answer does not hang it.
        "timeout": 60,
        "worker_tmp_dir": _MEMORY if Path(_MEMORY).is_dir() else None,
        # The longest line that gunicorn takes: a list with many conditions has a long address.
        "limit_request_line": 8190,
        # Whom to believe is for the application to say (TRACKER_PROXIES), not for headers.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        # No second way to command the server.
        "control_socket_disable": True,
        "loglevel": "warning",
        "logger_class": _Lines,
        "on_exit": lambda _server: db.put_away(app.extensions["engine"]),
    }


class _Workers(BaseApplication):
    """An application of gunicorn's that takes its settings from us: no file and no variable of its own is read."""

    def __init__(self, app: Flask, manner: dict[str, Any]) -> None:
        self._app, self._manner = app, manner
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._manner.items():
            self.cfg.set(name, value)  # type: ignore[union-attr]  # untyped; it is there by now

    def load(self) -> Flask:
        return self._app


class _Lines(Logger):
    """What gunicorn has to say goes into the log of the program, as lines of JSON."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
