"""Proving who one is, under the throttle: counted before it is compared, and never with the write lock held."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from flask import current_app, request
from sqlalchemy.orm import Session

from tracker import audit, db, throttle
from tracker.events import Event, say
from tracker.throttle import Counted, Marks

Proved = TypeVar("Proved")


@dataclass
class TooOften(Exception):
    """Too many tries failed; another is taken in so many seconds."""

    seconds: int

    @property
    def minutes(self) -> int:
        """The wait in whole minutes, as it is told to a person."""
        return -(-self.seconds // 60)


@contextmanager
def writing(actor: str = "sign-in") -> Iterator[Session]:
    """A short transaction of its own, signed, beside what the request reads."""
    engine = current_app.extensions["engine"]
    with db.sessions(engine.execution_options(**db.WRITES)).begin() as session:
        yield audit.signed_by(session, actor)


@contextmanager
def reading() -> Iterator[Session]:
    """A look at the database that leaves no transaction behind."""
    with db.sessions(current_app.extensions["engine"])() as session:
        yield session


def marks(email: str, *more: tuple[Counted, str]) -> Marks:
    """What a try counts against: the account that is tried, whether there is one or not, and where it comes from."""
    return ((Counted.ACCOUNT, email), (Counted.ADDRESS, address()), *more)


def prove(compare: Callable[[], Proved | None], counted: Marks, *, who: str = "") -> Proved | None:
    """What `compare` returns; none where it failed. Raises `TooOften` instead of comparing where too many have."""
    with reading() as session:
        seconds = throttle.wait(session, counted)
    tries: tuple[int, ...] | None = None
    if not seconds:
        with writing() as session:
            tries = throttle.take(session, counted)
            seconds = 0 if tries else throttle.wait(session, counted)
    if tries is None:
        say(Event.SIGN_IN_THROTTLED, who=who, seconds=seconds)
        raise TooOften(max(1, seconds))
    proved = compare()
    if proved is None:
        say(Event.SIGN_IN_FAILED, who=who)
        return None
    with writing() as session:
        throttle.give_back(session, tries)
    return proved


def address() -> str:
    """Where the request comes from; of IPv6 the network, because one house has more addresses than can be counted."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    return str(address if address.version == 4 else ipaddress.ip_network((address, 64), strict=False))
