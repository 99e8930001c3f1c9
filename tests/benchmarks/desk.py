"""Analysts at the desk of a generated ledger: signed in, and recording follow-ups as their browser would."""

from __future__ import annotations

import os
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
    app = create_app(ledger.url)
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


def follow_up(client: Client, code: str, said: str) -> int:
    """Open the form of a follow-up, fill it in and send it until it is taken; returns how often somebody was faster."""
    path = f"/desk/commitment/record/?code={quote(code)}"
    page = client.get(path)
    assert page.status == 200, (path, page.status)
    overtaken = 0
    while True:
        fields = {
            **page.hidden(), "execution": "in_progress", "effective_on": "2026-06-30", "reviewed_up_to": "2026-06-30",
            "summary": said, "evidence-0-url": f"https://example.org/bench/{quote(said)}",
            "evidence-0-reports": "start", "evidence-0-relation": "supports", "outcome": "unknown",
        }  # fmt: skip
        page = client.post(path, fields)
        if page.status != 409:
            break
        overtaken += 1
    assert page.status == 302, (path, page.status, page.text[:2000])
    return overtaken
