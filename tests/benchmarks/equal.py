"""What both engines answer about the same generated rows, side by side: every list, page and count must be equal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import asked
import generate
from asked import Scene
from clients import Answer, Client

#: What is another in each answer or process, and says nothing of the rows.
_PASSING = re.compile(rb'nonce="[^"]*"|http://127\.0\.0\.1:\d+|value="[^"]{20,}"')

#: Lists that are compared as pages, each as far as its links lead.
_WALKED = (2, 7, 40, 150, 300)


#: Commitments that are asked for in one answer, or walked through page by page, at most.
_AT_ONCE = 10_000


class Unequal(SystemExit):
    """The engines answer differently."""


def compare(one: Scene, other: Scene) -> int:
    """Ask both ledgers the same; returns how many answers were compared. Ends the program at the first difference."""
    clients = Client(one.server.port), Client(other.server.port)
    number = 0
    for path in _paths(one):
        here, there = (client.get(path) for client in clients)
        _same(path, here, there)
        number += 1
    for client in clients:
        client.close()
    desk = Client(one.server.port, one.cookie), Client(other.server.port, other.cookie)
    for page in one.pages:
        if page.at_desk:
            _same(page.path, *(_listed(client.get(page.path)) for client in desk))
            number += 1
    for client in desk:
        client.close()
    return number


def _paths(scene: Scene) -> Iterator[str]:
    """Addresses of readers' pages and data that are asked of both."""
    yield from (page.path for page in scene.pages if not page.at_desk and not page.headers)
    # Every commitment of a ledger that can be sent at once; of a larger one those of every tenth city.
    whole = scene.ledger.size <= _AT_ONCE
    yield from ["/commitments?format=json"] if whole else []
    some = range(10, generate.CITIES + 1, 10)
    yield from (f"/cities/generated-{number:04}?format=json" for number in some if not whole)
    yield from (f"/cities/generated-{number:04}" for number in some)
    for past in ("as_of=2018-06-30", "recorded_by=2021-12-31", f"as_of={asked.PAST}&recorded_by=2020-06-30"):
        yield f"/?format=json&{past}"
        yield from (f"/cities/generated-{number:04}?format=json&{past}" for number in (3, 30, 200))
    for by in ("kind", "status", "timeliness", "completion"):
        yield f"/api/v1/summaries?by={by}"
    for word in (asked.FREQUENT, asked.RARE, "老旧小区", "T00001"):
        yield f"/commitments?search={quote(word)}"
        yield f"/commitments?search={quote(word)}&city=generated-0002&format=json"
    for status in ("not_reviewed", "no_evidence_found", "completed", "stalled", "reversed"):
        yield f"/commitments?status={status}"
        yield f"/cities/generated-0002?status={status}&format=json"
    for name in ("overdue", "done_late", "not_due"):
        yield f"/commitments?timeliness={name}"
    codes = [code for page in scene.pages for code in re.findall(asked.CODE, page.path)]
    yield from (f"/commitments/{code}?format=json" for code in dict.fromkeys(codes))
    yield "/cities/generated-0009?format=csv"


def walk(scene: Scene, other: Scene) -> int:
    """Some cities page by page, as the links lead, on both: the same codes, each of them once, none left out."""
    found = 0
    for number in _WALKED:
        path, expected = f"/cities/generated-{number:04}", asked.whole(scene, number)
        if len(expected) > _AT_ONCE:
            continue
        codes = asked.walked(scene.server, path)
        if codes != asked.walked(other.server, path) or codes != expected:
            raise Unequal(f"{path}: its pages in turn hold {len(codes)} commitments, not those of plain SQL")
        found += len(codes)
    return found


def _same(path: str, here: Any, there: Any) -> None:
    if isinstance(here, Answer):
        if here.status != there.status:
            raise Unequal(f"{path}: {here.status} and {there.status}")
        said = _rows if "search=" in path and "format=" not in path else _said
        here, there = said(here), said(there)
    if here != there:
        raise Unequal(f"{path} is answered differently: {_difference(here, there)}")


def _said(answer: Answer) -> Any:
    """What an answer says of the rows."""
    if "json" in answer.headers.get("content-type", ""):
        content = json.loads(answer.text)
        return content.get("rows", content.get("items"))
    return _PASSING.sub(b"", answer.body).splitlines()


def _rows(answer: Answer) -> list[bytes]:
    """The rows of a page. Each engine judges by itself what word is frequent: then it says how many there are at least."""
    return re.findall(rb"<article\b.*?</article>", _PASSING.sub(b"", answer.body), re.DOTALL)


def _listed(answer: Answer) -> list[bytes]:
    """The rows of a table of the desk."""
    return re.findall(rb"<tr\b.*?</tr>", _PASSING.sub(b"", answer.body), re.DOTALL)


def _difference(here: Any, there: Any) -> str:
    if len(here) != len(there):
        return f"{len(here)} rows and {len(there)}"
    return next(f"{one!s:.300} / {two!s:.300}" for one, two in zip(here, there, strict=True) if one != two)
