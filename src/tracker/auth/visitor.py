"""Whoever is asking: their account, what they may do, and where they go on from the sign-in page."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user

from tracker.codebook import Role
from tracker.models import User


class Account(UserMixin, User):
    """A user as Flask-Login sees one; the same rows, so that the models need nothing of the web."""

    @property
    def is_active(self) -> bool:
        """Whether the account may be signed in to."""
        return self.active

    def get_id(self) -> str:
        """What a session is tied to: changing it ends them all."""
        return self.fs_uniquifier


def account() -> Account:
    """The account of whoever is signed in: the object itself, not Flask-Login's stand-in."""
    return current_user._get_current_object()  # type: ignore[no-any-return]  # noqa: SLF001


def may(role: Role | str) -> bool:
    """Whether whoever is signed in may do what `role` may do."""
    return bool(current_user.is_authenticated and current_user.active and current_user.role.covers(Role(role)))


def refused(role: Role) -> ResponseReturnValue | None:
    """The answer to somebody who may not do what `role` may do; none to those who may."""
    if may(role):
        return None
    if current_user.is_authenticated:
        abort(403)
    return redirect(url_for("security.login", next=way_back()))


def way_back() -> str | None:
    """Where whoever signs in now goes on: to this address, where it can be opened; a form opens what it was sent to."""
    opens = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    return request.full_path.rstrip("?") if opens and request.path.startswith("/desk/") else None


def way_on() -> str:
    """Where the address says to go on to, if that is a page of this site; else the desk."""
    wished = request.args.get("next", "")
    parts = urlsplit(wished) if wished.isprintable() and "\\" not in wished else urlsplit("")
    inside = wished.startswith("/") and not wished.startswith("//") and not parts.scheme and not parts.netloc
    return wished if inside else url_for("admin.index")
