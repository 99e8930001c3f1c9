"""What nobody has opened by name is closed: a view, a route of a view, a page, a library's route."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import flask_admin
import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask_admin.base import BaseView, expose

from tracker import db
from tracker.admin.base import Closed, Table
from tracker.app import create_app
from tracker.codebook import Role
from tracker.models import Person
from tracker.security import doors
from visiting import account, signed_in


class Forgotten(Closed):
    """A view that opens nothing."""

    @expose("/")
    def index(self) -> str:
        return "a secret"


class HalfOpen(Closed):
    """A view that opens one of its routes."""

    opens: ClassVar[dict[str, Role]] = {"index": Role.ANALYST}

    @expose("/")
    def index(self) -> str:
        return "for analysts"

    @expose("/other")
    def other(self) -> str:
        return "a secret"


class Rows(Table):
    """Rows of a table, of which nobody said who may see them."""

    column_list = ("name_zh",)


class Foreign(BaseView):  # type: ignore[misc]
    """A view of Flask-Admin's own kind, which is open to anybody."""

    @expose("/")
    def index(self) -> str:
        return "a secret"


#: Address → who is let in, of all.
CLOSED = ["/desk/forgotten/", "/desk/halfopen/other", "/desk/rows/", "/desk/rows/details/?id=1", "/desk/foreign/",
          "/new", "/new/page"]  # fmt: skip


@pytest.fixture(scope="module")
def app(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The product, to which somebody has added views and pages in a hurry."""
    file = tmp_path_factory.mktemp("hurry") / "tracker.db"
    shutil.copy(migrated_file, file)
    app = create_app(f"sqlite:///{file}")
    desk: flask_admin.Admin = app.extensions["admin"][0]
    held: Any = desk._views[0].session
    for view in (Forgotten(endpoint="forgotten"), HalfOpen(endpoint="halfopen"), Foreign(endpoint="foreign")):
        desk.add_view(view)
    desk.add_view(Rows(Person, held, "Rows", endpoint="rows"))
    pages = Blueprint("new", __name__)
    pages.add_url_rule("/new/page", "page", lambda: "a secret")
    app.register_blueprint(pages)
    app.add_url_rule("/new", "new", lambda: "a secret")
    with db.writing(app.extensions["engine"], actor="测试") as session:
        for role in Role:
            account(session, str(role), role)
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def browsers(app: Flask) -> dict[str, FlaskClient]:
    return {"anonymous": app.test_client(), **{str(role): signed_in(app, str(role)) for role in Role}}


@pytest.mark.parametrize("address", CLOSED)
def test_Z2_what_nobody_opened_is_closed_to_everybody(browsers: dict[str, FlaskClient], address: str) -> None:
    for who, browser in browsers.items():
        answer = browser.get(address)
        assert "a secret" not in answer.text
        assert (who, answer.status_code) in {(who, 403), ("anonymous", 302)}


def test_Z2_what_is_opened_opens_to_whom_it_says(browsers: dict[str, FlaskClient]) -> None:
    answers = {who: browser.get("/desk/halfopen/").status_code for who, browser in browsers.items()}
    assert answers == {"anonymous": 302, "reader": 403, "analyst": 200, "reviewer": 200, "admin": 200}


def test_Z2_a_page_with_a_role_opens_to_that_role(
    browsers: dict[str, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(doors.OPEN, "new.page", Role.REVIEWER)
    answers = {who: browser.get("/new/page").status_code for who, browser in browsers.items()}
    assert answers == {"anonymous": 302, "reader": 403, "analyst": 403, "reviewer": 200, "admin": 200}


def test_Z2_every_door_that_is_named_is_there(app: Flask) -> None:
    assert set(doors.OPEN) <= set(app.view_functions)
