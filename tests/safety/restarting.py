"""A server in a process of its own that is started, killed and started again in no time, and people who use it over HTTP.

Run as a program it imports everything once and makes the application; each start is then a fork of it, with connections
of its own.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

from visiting import PASSWORD, hidden, signed_in

#: Nobody answers: the server was killed before or while it did.
UNANSWERED = (URLError, HTTPException, OSError)


class Restarted:
    """The application served at one address, as often as it is started."""

    def __init__(self, url: str, **settings: str) -> None:
        self.keeper = subprocess.Popen(
            [sys.executable, __file__, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **settings},
        )
        self.port, self.process = 0, 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, workers: int = 1) -> None:
        """Serve, by one process or several; returns once the port is open."""
        assert self.keeper.stdin
        assert self.keeper.stdout
        self.keeper.stdin.write(f"start {self.port} {workers}\n")
        self.keeper.stdin.flush()
        self.process, self.port = map(int, self.keeper.stdout.readline().split())

    def end(self, how: signal.Signals) -> int:
        """End the server by a signal; returns how it ended: 0 by itself, or the signal's number."""
        assert self.keeper.stdin
        assert self.keeper.stdout
        os.kill(self.process, how)
        self.keeper.stdin.write("wait\n")
        self.keeper.stdin.flush()
        self.process = 0
        return int(self.keeper.stdout.readline())

    def close(self) -> None:
        if self.process:
            self.end(signal.SIGKILL)
        with self.keeper:
            assert self.keeper.stdin
            self.keeper.stdin.close()


@contextmanager
def restarted(url: str, workers: int = 1, **settings: str) -> Iterator[Restarted]:
    """A server on the database at `url`, started for the first time."""
    server = Restarted(url, **settings)
    try:
        server.start(workers)
        yield server
    finally:
        server.close()


class _Stay(HTTPRedirectHandler):
    """Does not go where an answer leads: that it came is all that matters."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass
class Answer:
    status: int
    text: str
    headers: Any


@dataclass
class Person:
    """Somebody with a browser that keeps its cookies while the server comes and goes."""

    server: Restarted
    jar: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar), _Stay)

    def ask(self, path: str, data: dict[str, str] | None = None) -> Answer:
        """Open an address, or send a form to it. Raises one of `UNANSWERED` where no whole answer comes."""
        request = Request(self.server.address + path, urlencode(data).encode() if data else None)  # noqa: S310
        request.add_header("Origin", self.server.address)
        try:
            with self.opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.read().decode(), answer.headers)
        except HTTPError as other:
            with other:
                return Answer(other.code, other.read().decode(), other.headers)

    def sign_in(self, mail: str) -> None:
        """With the password, as everybody."""
        page = self.ask("/sign-in").text
        typed = {"email": mail, "password": PASSWORD, "csrf_token": hidden(page, "csrf_token")}
        answer = self.ask("/sign-in", typed)
        assert answer.status == 302, answer.text

    def record(self, code: str, summary: str) -> Answer:
        """Record a follow-up with evidence and a search; the form is opened first."""
        path = f"/desk/commitment/record/?code={code}"
        opened = self.ask(path)
        if opened.status != 200:
            return opened
        kept = {name: unescape(hidden(opened.text, name)) for name in ("csrf_token", "latest")}
        found = {
            "execution": "in_progress",
            "effective_on": "2020-12-31",
            "reviewed_up_to": "2021-01-31",
            "summary": summary,
            "evidence-0-url": f"https://example.org/{code}",
            "evidence-0-reports": "start",
            "searched_in": "郴州市人民政府网站",
            "query": code,
        }
        return self.ask(path, {**kept, **found})


def _serve(app: Any, port: int, workers: int) -> None:
    from tracker.cli import threads

    if workers > 1:
        from tracker.cli import workers as processes

        port, answer = processes.listen(app, "127.0.0.1", port, workers)
    else:
        port, answer = threads.listen(app, "127.0.0.1", port)
    os.write(1, f"{os.getpid()} {port}\n".encode())
    answer()


def _warm(app: Any) -> None:
    """Make once what every fork would make anew: templates, forms and statements."""
    from sqlalchemy import select

    from tracker import db
    from tracker.models import User

    with db.reading(app.extensions["engine"]) as session:
        name = session.scalar(select(User.name).where(User.password.is_not(None)))
    for path in ("/sign-in", "/desk/commitment/record/?code=CZ-2020-01.1"):
        (signed_in(app, name) if name and "desk" in path else app.test_client()).get(path)


def _keep(url: str) -> None:
    """Do what is asked on standard input, until it ends."""
    from tracker.app import create_app

    app = create_app(url)
    _warm(app)
    app.extensions["engine"].dispose()
    child = 0
    for line in sys.stdin:
        if start := re.fullmatch(r"start (\d+) (\d+)\n", line):
            child = os.fork()
            if not child:
                try:
                    _serve(app, int(start[1]), int(start[2]))
                    os._exit(0)
                except SystemExit as done:  # how gunicorn and its workers leave
                    os._exit(int(done.code or 0))
                finally:
                    os._exit(70)
        else:
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - it is the answer


if __name__ == "__main__":
    _keep(sys.argv[1])
