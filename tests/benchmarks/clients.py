"""Whoever asks over HTTP: connections that are kept, one to a client, and how long each answer takes."""

from __future__ import annotations

import html
import http.client
import re
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

_HIDDEN = re.compile(r"<input\b[^>]*\btype=\"hidden\"[^>]*>")
_NAME, _VALUE = re.compile(r'\bname="([^"]*)"'), re.compile(r'\bvalue="([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the forms of a page."""
        found = {}
        for tag in _HIDDEN.findall(self.text):
            name, value = _NAME.search(tag), _VALUE.search(tag)
            if name:
                found[name[1]] = html.unescape(value[1]) if value else ""
        return found


class Client:
    """One connection to a server, kept open, with the cookie of a session; not to be shared by threads."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._headers = {"Accept-Language": "zh", "Accept": "text/html"}
        if cookie:
            self._headers["Cookie"] = cookie

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for an address."""
        return self._sent("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._sent("POST", path, urlencode(fields).encode(), kind)

    def _sent(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        self._connection.request(method, path, body, {**self._headers, **headers})
        answer = self._connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("session="):
                self._headers["Cookie"] = value.partition(";")[0]
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def close(self) -> None:
        self._connection.close()


@dataclass
class Times:
    """How long each of many acts took, in seconds, and how long all of them together."""

    each: list[float] = field(default_factory=list)
    whole: float = 0.0

    def milliseconds(self) -> float:
        """Median of an act."""
        return 1000 * statistics.median(self.each)

    def rate(self) -> float:
        """Acts a second."""
        return len(self.each) / self.whole


def timed(act: Callable[[], Any], times: Times) -> Any:
    """What an act gives; how long it took is noted."""
    start = time.perf_counter()
    given = act()
    times.each.append(time.perf_counter() - start)
    return given


def at_once(acts: Sequence[Callable[[Times], None]]) -> Times:
    """Several at the same time, each of whom notes how long its acts took. Ends with the first fault of any."""
    found, faults = [Times() for _ in acts], list[BaseException]()
    ready = threading.Barrier(len(acts) + 1)

    def run(act: Callable[[Times], None], times: Times) -> None:
        ready.wait()
        try:
            act(times)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=pair) for pair in zip(acts, found, strict=True)]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - start
    if faults:
        raise faults[0]
    return Times([one for times in found for one in times.each], whole)


def followed(page: str, link: str) -> str:
    """The address that a link on a page leads to."""
    return urljoin(page, html.unescape(link))
