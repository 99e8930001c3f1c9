"""What tests do in a browser: sign in, open a form, send it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tracker import db, passwords, tokens
from tracker.auth import sessions
from tracker.codebook import Role
from tracker.models import User

#: Sends something as a program that bears a token of somebody with a role.
Program = Callable[..., TestResponse]

PASSWORD = "correct horse battery staple"

#: Opens a browser in which somebody with a role is signed in.
Somebody = Callable[[str], FlaskClient]


@cache
def hashed() -> str:
    """The hash of the password; made once, because it is slow on purpose."""
    return passwords.kept(PASSWORD).hash


def account(session: Session, name: str, role: Role, mail: str = "") -> User:
    """An account that can sign in with the password."""
    mark = uuid4().hex
    user = User(name=name, email=mail or f"{mark}@example.org", password=hashed(), role=role, fs_uniquifier=mark)
    session.add(user)
    session.flush()
    return user


def signed_in(app: Flask, name: str, language: str = "zh") -> FlaskClient:
    """A browser in which the account of that name is signed in, without the quarter of a second that hashing takes."""
    with db.reading(app.extensions["engine"]) as session:
        mark = session.scalars(select(User.fs_uniquifier).where(User.name == name)).one()
    client = app.test_client()
    client.set_cookie("lang", language)
    with client.session_transaction() as kept:
        kept["_user_id"] = mark
        kept.update(sessions.stamps())
        kept.permanent = True
    return client


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def send(client: FlaskClient, address: str, values: dict[str, str], opened: str = "") -> TestResponse:
    """Open a form (or take it as it was `opened`) and send it with these values."""
    page = opened or client.get(address).text
    kept = {name: hidden(page, name) for name in ("csrf_token", "row_version", "latest")}
    return client.post(address, data={**kept, **values})


def count(ledger: Engine, model: type) -> int:
    """How many rows a table has."""
    with db.reading(ledger) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def programs(app: Flask) -> Program:
    """Sends what a program sends that bears a token of somebody with a role, made when it is first needed."""
    made: dict[str, str] = {}

    def send(role: str, method: str, address: str, content: object = None, **headers: str) -> TestResponse:
        if role not in made:
            with db.writing(app.extensions["engine"], actor="测试") as session:
                owner = session.scalars(select(User).where(User.name == f"某{Role(role).zh}")).one()
                made[role] = tokens.make(session, owner, "程序", Role(role))[1]
        body = {} if content is None else {"data": json.dumps(content), "content_type": "application/json"}
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        sent = {"Authorization": f"Bearer {made[role]}", **named}
        return app.test_client().open(address, method=method, headers=sent, **body)  # type: ignore[arg-type]

    return send
