"""A form of the desk that is sent again leads to what it made, and makes nothing more."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from flask import Flask, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session, scoped_session

from tracker import sent_forms
from tracker.admin import naming
from tracker.language import t

#: Field that holds the one-time key of a form.
KEY = "form_key"


def install(app: Flask, session: scoped_session[Session]) -> None:
    """Look at every form that is sent to the desk before its view does."""
    app.before_request(lambda: _sent_before(session))
    app.jinja_env.globals["once"] = once


def once() -> Markup:
    """The field that tells this form, as it was opened now, from every other."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(KEY, secrets.token_urlsafe(16))


def _sent_before(session: scoped_session[Session]) -> ResponseReturnValue | None:
    """On to what this form made, if it was sent before, word for word; none where it was not."""
    if request.method != "POST" or not current_user.is_authenticated or not request.form.get(KEY):
        return None
    made = sent_forms.begin(session(), _mark())
    if made is None:
        return None
    session.rollback()
    flash(
        t("这份表单已提交过，没有重复记录。", "This form had been sent already; nothing was recorded twice."), "success"
    )
    if request.endpoint == "commitment.record_row_view":
        return redirect(request.full_path)  # the row of the list, as it now is
    return redirect(_page(session(), made))


def _page(session: Session, made: Any) -> str:
    """The page of the row that was made, or of what it is part of."""
    key = made.row_key.partition(",")[0]
    keys = [(made.table_name, int(key))] if key.isdigit() else []
    return next((named.address for named in naming.names(session, keys).values()), "") or url_for("admin.index")


def _mark() -> str:
    """A digest of the form as it was sent: who went back and wrote something else sends another one."""
    said = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    files = []
    for name, file in sorted(request.files.items(multi=True)):
        files.append((name, file.filename, hashlib.file_digest(file.stream, "sha256").hexdigest()))  # type: ignore[arg-type]
        file.stream.seek(0)
    return hashlib.sha256(json.dumps([request.full_path, said, files]).encode()).hexdigest()
