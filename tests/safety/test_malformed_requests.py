"""No request, however wrong, is answered with a fault of the program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, product
from typing import Any

import hostile
import pytest
import schemathesis
from flask import Flask
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode
from sqlalchemy import Engine, select

from addresses import DESK, PAGES
from following import ANALYST, close, coded_again, follow_through, obstacle, record
from tracker import db
from tracker.codebook import Execution, Role
from tracker.models import User
from visiting import signed_in

ADMIN = "某管理员"

#: Requests that change who may do what: afterwards the administrator is put back.
_UNSEATING = {"security.logout", "account.edit_view"}


class Visitors:
    """An administrator, who stays one whatever is sent, and somebody who is not signed in."""

    def __init__(self, app: Flask) -> None:
        self.app, self.nobody, self.admin = app, app.test_client(), signed_in(app, ADMIN)
        self.answers: Counter[int] = Counter()
        self.faults: list[object] = []

    def send(self, request: hostile.Request) -> None:
        """Send a request, every fourth one without signing in, and keep what is answered with a fault."""
        client = self.admin if self.answers.total() % 4 else self.nobody
        self.note(request, request.send(client), request.offer.endpoint)

    def note(self, request: object, status: int, endpoint: str) -> None:
        """Count an answer."""
        self.answers[status] += 1
        if status >= 500:
            self.faults.append(request)
        if endpoint in _UNSEATING:
            with db.writing(self.app.extensions["engine"], actor="测试") as session:
                row = session.scalars(select(User).where(User.name == ADMIN)).one()
                row.active, row.role = True, Role.ADMIN
            self.admin = signed_in(self.app, ADMIN)


@pytest.fixture
def visitors(app: Flask, ledger: Engine, monkeypatch: pytest.MonkeyPatch) -> Visitors:
    """Visitors of a ledger with a row of every kind. No form asks for its token, or nothing would get past that."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", value=False)
    with db.writing(ledger, actor=ANALYST) as session:
        follow_through(session, record(session, "CZ-2020-01.1", Execution.IN_PROGRESS))
        close(session, obstacle(session))
        coded_again(session)
    return Visitors(app)


@pytest.fixture
def offered(visitors: Visitors) -> tuple[list[hostile.Offer], dict[str, set[str]]]:
    return hostile.offers(visitors.app, [visitors.admin, visitors.nobody], hostile.OPENS | PAGES | DESK)


def tried(examples: int, strategy: Any, act: Callable[[Any], None]) -> None:
    """Act on as many examples, the same in every run."""
    once = settings(max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    once(given(strategy)(act))()


@pytest.mark.parametrize(("dialect", "examples"), [("sqlite", 15), ("postgresql", 4)])
def test_I1_no_request_to_any_route_is_answered_with_a_fault(
    visitors: Visitors,
    offered: tuple[list[hostile.Offer], dict[str, set[str]]],
    examples: int,
    record_property: Callable[[str, object], None],
) -> None:
    routes, names = offered
    for offer in routes:
        tried(examples, hostile.requests(offer, names), visitors.send)
    record_property(f"I1 requests, {visitors.app.extensions['engine'].dialect.name}", visitors.answers.total())

    assert visitors.faults == []
    assert {200, 302, 400, 403, 404, 409, 422} <= set(visitors.answers)
    assert visitors.answers.total() > 900


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_I1_schemathesis_finds_no_fault_in_any_route(
    visitors: Visitors,
    offered: tuple[list[hostile.Offer], dict[str, set[str]]],
    record_property: Callable[[str, object], None],
) -> None:
    routes, names = offered
    schema = schemathesis.openapi.from_dict(hostile.described(routes, names))
    schema.app = visitors.app

    def act(case: Any) -> None:
        kept = {name: cookie.value for (_, _, name), cookie in visitors.admin._cookies.items()}
        # Who signs out is somebody else.
        answer = case.call(cookies={} if case.operation.path == "/sign-out" else kept)
        visitors.note(case, answer.status_code, "")

    modes = cycle((GenerationMode.POSITIVE, GenerationMode.NEGATIVE))
    for operation, mode in zip((found.ok() for found in schema.get_all_operations()), modes, strict=False):
        tried(1, operation.as_strategy(generation_mode=mode), act)
    record_property("I1 requests, schemathesis", visitors.answers.total())

    assert visitors.faults == []
    assert visitors.answers[200] > 25


def odd_headers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, address and the rest of requests with a header that is none."""
    for header, address in product(hostile.HEADERS, ("/sign-in", "/desk/saved/", "/static/tracker.css")):
        yield "GET", address, {"headers": [header]}


def odd_bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Bodies that are no form, sent as each kind of form in turn."""
    for place, body in enumerate(hostile.BODIES):
        for kind in {"multipart/form-data; boundary=x", hostile.TYPES[place % len(hostile.TYPES)]}:
            for address in ("/sign-in", "/desk/follow/archive/?id=1", "/desk/comments/add?code=CZ-2020-01.1"):
                yield "POST", address, {"data": body, "content_type": kind}


def odd_methods() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Methods that no form has."""
    methods = (
        "PUT",
        "DELETE",
        "PATCH",
        "TRACE",
        "HEAD",
        "OPTIONS",
        "CONNECT",
        "PROPFIND",
        "get",
        "G\x01T",
        "",
        "X" * 500,
    )
    for method, address in product(
        methods, ("/method", "/desk/saved/", "/desk/comments/add?code=x", "/sign-out", "/nowhere")
    ):
        yield method, address, {}


def odd_values() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each value that breaks a program that believes it, in some of the places that take one."""
    names = ("as_of", "page", "search", "format", "sort", "city", "status", "cols", "due_by")
    for place, value in enumerate(hostile.NASTY):
        for name in (names[place % len(names)], "search", "as_of"):
            yield "GET", ("/commitments", "/desk/commitment/")[place % 2], {"query_string": {name: value}}
        for address in ("/desk/evidence/details/", "/desk/obstacle/edit/", "/desk/auditevent/"):
            yield "GET", address, {"query_string": {"row" if "audit" in address else "id": value}}


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("thought_of", [odd_headers, odd_bodies, odd_methods, odd_values])
def test_I1_no_request_that_was_thought_of_is_answered_with_a_fault(
    visitors: Visitors, thought_of: Callable[[], Iterator[tuple[str, str, dict[str, Any]]]]
) -> None:
    for method, address, rest in thought_of():
        visitors.note((method, address, rest), hostile.status(visitors.admin, method, address, **rest), "")
    assert visitors.faults == []
    assert visitors.answers.total() > 50


@pytest.mark.nightly
def test_I1_many_times_as_many_requests_find_no_fault(
    visitors: Visitors,
    offered: tuple[list[hostile.Offer], dict[str, set[str]]],
    record_property: Callable[[str, object], None],
) -> None:
    routes, names = offered
    for offer in routes:
        tried(80, hostile.requests(offer, names), visitors.send)
    record_property(f"I1 nightly, {visitors.app.extensions['engine'].dialect.name}", visitors.answers.total())
    assert visitors.faults == []


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("name", ["Origin", "Referer", "Host", "X-Forwarded-Host"])
def test_I1_an_address_that_is_none_is_refused_where_a_form_is_sent(visitors: Visitors, name: str) -> None:
    for value in ("http://[", "http://[::1", "http://a:b:c", "\xff", "http://a:99999999"):
        answer = visitors.admin.post("/desk/saved/keep/", data={"name": "x"}, headers={name: value})
        assert answer.status_code < 500
