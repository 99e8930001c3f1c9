"""How anybody can tell that the past of the ledger was not rewritten: the signed checkpoint, and a page about it."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import checkpoints
from tracker.language import t


def key() -> Ed25519PrivateKey:
    """The key that signs, of this application."""
    found: Ed25519PrivateKey = current_app.extensions["checkpoint_key"]
    return found


def checkpoint(session: Session) -> ResponseReturnValue:
    """The checkpoint itself, to be kept elsewhere."""
    answer = Response(checkpoints.checkpoint(session, key()), content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def page(session: Session) -> ResponseReturnValue:
    """What is proved, how far the chain goes, and how to check it oneself."""
    title = t("可自证的历史", "History that proves itself")
    text = checkpoints.checkpoint(session, key())
    (said,) = checkpoints.read(text)
    return render_template(
        "integrity.html",
        title=title,
        text=text,
        said=said,
        head=said.entries[said.size - 1],
        public=checkpoints.public_key(session, key()),
    )


def stated(session: Session, answer: Response) -> Response:
    """An answer that is data says in its headers from what state of the ledger it was made, signed."""
    of = answer.headers.get("Content-Digest", "").removeprefix("sha-256=:").removesuffix(":")
    if of and answer.status_code == 200:
        name = request.path.strip("/").replace("/", "-") or "front"
        text = checkpoints.checkpoint(session, key(), file=f"{base64.b64decode(of).hex()} {name}")
        answer.headers["Tracker-Checkpoint"] = base64.b64encode(text.encode()).decode()
    return answer
