"""The desk: where analysts follow commitments up. Flask-Admin, closed until a view opens it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_admin.base import Admin
from flask_admin.theme import Bootstrap4Theme
from sqlalchemy.orm import Session, scoped_session

from tracker import models
from tracker.admin import accounts, city_lists, labels, ledger, log, obstacles, once, reference
from tracker.admin.agenda import CalendarView
from tracker.admin.bulk import BulkView
from tracker.admin.coding import CodingView
from tracker.admin.comments import CommentsView
from tracker.admin.commitments import CommitmentView
from tracker.admin.follow import FollowView
from tracker.admin.home import HomeView
from tracker.admin.importing import ImportView
from tracker.admin.me import MeView
from tracker.admin.questions import QuestionsView
from tracker.admin.saved_lists import SavedListsView
from tracker.admin.tokens import TokenView
from tracker.language import lazy

_LISTS = [
    (obstacles.ObstacleView, models.Obstacle, lazy("问题台账", "Obstacles")),
    (city_lists.PolicyDocumentView, models.PolicyDocument, lazy("政策清单", "Policies")),
]
_KEPT = [
    (reference.JurisdictionView, models.Jurisdiction, lazy("地区", "Jurisdictions")),
    (reference.PersonView, models.Person, lazy("人物", "People")),
    (reference.PostView, models.Post, lazy("职务", "Posts")),
    (reference.PostHoldingView, models.PostHolding, lazy("任职", "Holdings of posts")),
    (reference.OrganisationView, models.Organisation, lazy("单位", "Units")),
    (reference.VocabularyView, models.Vocabulary, lazy("词表", "Vocabularies")),
    (reference.TermView, models.Term, lazy("词条", "Terms")),
]
_READ = [
    (ledger.SourceDocumentView, models.SourceDocument, lazy("文献", "Source documents")),
    (ledger.StatedFigureView, models.StatedFigure, lazy("原文数字", "Stated figures")),
    (ledger.StatusAssessmentView, models.StatusAssessment, lazy("评估", "Assessments")),
    (ledger.EvidenceView, models.Evidence, lazy("依据", "Evidence")),
    (ledger.SearchLogView, models.SearchLog, lazy("检索记录", "Searches")),
    (log.AuditEventView, models.AuditEvent, lazy("修改记录", "Audit")),
]


class _Ledger:
    """The session of a request as Flask-Admin 2.2 takes it: a session, and a holder of one."""

    def __init__(self, session: scoped_session[Session]) -> None:
        self.session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def __call__(self) -> Session:
        return self.session()


def nonce(app: Flask) -> Any:
    """The nonce of this answer, as `app.py` makes it."""
    make: Any = app.jinja_env.globals["csp_nonce"]
    return make()


def install(app: Flask, session: scoped_session[Session]) -> None:
    """Open the desk at `/desk/`."""
    held = _Ledger(session)
    with app.app_context():
        desk = Admin(
            app,
            name=lazy("编辑台", "Desk"),
            index_view=HomeView(held),
            theme=Bootstrap4Theme(base_template="desk/base.html"),
            csp_nonce_generator=lambda: nonce(app),
        )
        desk.add_view(CommitmentView(models.Commitment, held, lazy("承诺", "Commitments")))
        desk.add_view(CalendarView(held))
        for view, model, name in _LISTS:
            desk.add_view(view(model, held, name))
        desk.add_view(FollowView(held))
        desk.add_view(BulkView(held))
        desk.add_view(ImportView(held))
        desk.add_view(CommentsView(held))
        desk.add_view(CodingView(held))
        desk.add_view(QuestionsView(held))
        desk.add_view(SavedListsView(held))
        for category, views in ((lazy("基础资料", "Reference"), _KEPT), (lazy("只读记录", "Records"), _READ)):
            for view, model, name in views:
                desk.add_view(view(model, held, name, category=category))
        desk.add_view(MeView(held))
        desk.add_view(TokenView(held))
        desk.add_view(accounts.AccountView(models.User, held, lazy("账户", "Accounts"), endpoint="account"))
    once.install(app, session)
    app.jinja_env.filters["table_name"] = labels.table
