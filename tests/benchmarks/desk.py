"""Analysts at the desk of a generated ledger: signed in, and recording follow-ups as their browser would."""

from __future__ import annotations

import os
from collections import Counter
from urllib.parse import quote

from clients import Client
from ledgers import Ledger
from sqlalchemy import select

from tracker import accounts, db, passwords
from tracker.app import create_app
from tracker.auth import sessions
from tracker.codebook import Role
from tracker.models import User

#: How the sentence of an assessment begins that is recorded here.
SAID = "测试记录·"


#: Answers to a form after which it is sent again, and what they mean.
_AGAIN = {409: "faster", 503: "refused"}

#: How often a form is sent at most.
_TRIES = 500


def analysts(ledger: Ledger, number: int) -> list[str]:
    """So many analysts who are signed in, as the cookies of their browsers."""
    marks = []
    engine = db.connect(ledger.url)
    with db.writing(engine, actor="benchmark") as session:
        for one in range(1, number + 1):
            name = f"bench-{one}"
            user = session.scalar(select(User).where(User.name == name)) or accounts.make_account(
                session,
                name=name,
                email=f"{name}@example.org",
                password=passwords.kept(os.urandom(16).hex()),
                role=Role.ANALYST,
            )
            marks.append(user.fs_uniquifier)
    engine.dispose()
    # The look for damage, which reads the whole file, is left to the server.
    app = create_app(ledger.url, damage="")
    cookies = []
    for mark in marks:
        browser = app.test_client()
        with browser.session_transaction() as signed_in:
            signed_in.update(_user_id=mark, **sessions.stamps())
        kept = browser.get_cookie("session")
        assert kept is not None
        cookies.append(f"session={kept.value}")
    app.extensions["engine"].dispose()
    return cookies


def follow_up(client: Client, code: str, said: str, met: Counter[str] | None = None) -> None:
    """Open the form of a follow-up, fill it in and send it until it is taken.

    Notes how often it had to be sent again: because somebody was `faster`, or because it was `refused`.
    """
    met = Counter() if met is None else met
    path = f"/desk/commitment/record/?code={quote(code)}"
    page = client.get(path)
    assert page.status == 200, (path, page.status)
    hidden = page.hidden()
    for _ in range(_TRIES):
        hidden = hidden if page.status == 503 else page.hidden()
        fields = {
            **hidden, "execution": "in_progress", "effective_on": "2026-06-30", "reviewed_up_to": "2026-06-30",
            "summary": said, "evidence-0-url": f"https://example.org/bench/{quote(said)}",
            "evidence-0-reports": "start", "evidence-0-relation": "supports", "outcome": "unknown",
        }  # fmt: skip
        page = client.post(path, fields)
        if page.status == 302:
            return
        assert page.status in _AGAIN, (path, page.status, page.text[:2000])
        met[_AGAIN[page.status]] += 1
    raise AssertionError(f"{path}: sent {_TRIES} times and never taken")
