"""A plain Flask-Admin on the same tables, as its documentation shows it: `ModelView(Model, session)` with pages of 50.

    .venv/bin/python tests/benchmarks/naive.py URL

Nothing of the tracker's but the models; no accounts, no CSRF, no audit. Runs on a copy of the ledger without triggers
(`ledgers.without_triggers`): a naive write is one row.
"""

from __future__ import annotations

import sys
import warnings
from datetime import UTC, datetime
from typing import Any

from bare import serve
from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_babel import Babel
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from tracker.db.sqlite import driver
from tracker.models import Commitment, StatusAssessment


class Fifty(ModelView):
    """Fifty rows a page, as the tracker's lists have."""

    page_size = 50


class Assessments(Fifty):
    """The form as it is scaffolded, with the commitment and the analyst as choices; the time is now."""

    form_excluded_columns = ("citations", "reviews")

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:  # noqa: ARG002, FBT001 - as Flask-Admin has it
        """The one column that the form has no field for."""
        model.recorded_at = datetime.now(UTC)


def application(url: str) -> Flask:
    """The site."""
    own: dict[str, Any] = {"module": driver()} if url.startswith("sqlite") else {}
    session = scoped_session(sessionmaker(create_engine(url, **own)))
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a plain admin"
    app.teardown_appcontext(lambda _error: session.remove())
    Babel(app)
    with app.app_context():
        admin = Admin(app)
        # A session is what most of its documentation hands over, though another way is to come.
        warnings.simplefilter("ignore", DeprecationWarning)
        admin.add_view(Fifty(Commitment, session))
        admin.add_view(Assessments(StatusAssessment, session))
    return app


if __name__ == "__main__":
    serve(application(sys.argv[1]))
