"""What is written once and only read at the desk: documents, figures, evidence, searches, assessments, the audit."""

from __future__ import annotations

from typing import Any, ClassVar

from markupsafe import Markup, escape
from sqlalchemy import select

from tracker import auth
from tracker.admin import labels, values
from tracker.admin.base import Table
from tracker.codebook import Role
from tracker.language import label, t
from tracker.models import AuditEvent, Passage, SourceDocument
from tracker.rules import is_web_address


def _link(_view: Any, _context: Any, row: Any, name: str) -> Any:
    """An address as a link, where it is one."""
    url = getattr(row, name)
    if not url or not is_web_address(url):
        return url or ""
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(url, url)


class SourceDocumentView(Table):
    """Published texts, with their questions and answers."""

    column_list = ("key", "title", "kind", "jurisdiction", "publisher", "date", "source_tier")
    column_details_list = (
        *column_list,
        "author",
        "date_note_zh",
        "date_note_en",
        "kicker",
        "headline",
        "byline",
        "url",
        "archived_url",
        "licence_mode",
        "language",
        "sha256",
        "raw_sha256",
    )
    column_searchable_list = ("key", "title", "publisher", "text")
    column_sortable_list = ("key", "title", "kind", "publisher", "date")
    column_formatters: ClassVar[dict[str, Any]] = {"url": _link, "archived_url": _link}
    column_formatters_detail: ClassVar[dict[str, Any]] = {
        **column_formatters,
        "language": lambda _view, _context, row, _name: t("中文", "Chinese") if row.language == "zh" else row.language,
    }
    narrowed_by = ("kind", "source_tier")
    also_loaded = ("turns",)
    details_template = "desk/document.html"


class StatedFigureView(Table):
    """Numbers that the texts state."""

    column_list = ("what_zh", "comparator", "value", "unit", "period", "role")
    column_details_list = ("what_zh", "what_en", "comparator", "value", "unit", "period", "role", "note_zh", "note_en")
    column_searchable_list = ("what_zh", "what_en", "period")
    column_sortable_list = ("what_zh", "value", "period", "role")
    narrowed_by = ("role",)
    details_template = "desk/figure.html"

    def words(self, figure: Any) -> str:
        """The words around the number, read from the document."""
        text, start, end = self.session.execute(
            select(SourceDocument.text, Passage.start, Passage.end)
            .join(Passage, Passage.document_id == SourceDocument.id)
            .where(Passage.id == figure.passage_id)
        ).one()
        return str(text[start:end])


class EvidenceView(Table):
    """Published things that speak to a status."""

    column_list = ("title", "url", "publisher", "published_on", "origin", "reports")
    column_details_list = (*column_list, "retrieved_on", "excerpt", "sha256", "file")
    column_searchable_list = ("title", "url", "publisher", "excerpt")
    column_sortable_list = ("title", "publisher", "published_on", "origin", "reports")
    column_default_sort = ("id", True)
    column_formatters: ClassVar[dict[str, Any]] = {"url": _link}
    narrowed_by = ("origin", "reports")


class SearchLogView(Table):
    """Searches for evidence."""

    column_list = column_details_list = (
        "commitment",
        "searched_in",
        "query",
        "searched_on",
        "results_read",
        "analyst",
    )
    column_searchable_list = ("searched_in", "query")
    column_sortable_list = ("searched_in", "query", "searched_on", ("analyst", "analyst.name"))
    column_default_sort = ("id", True)


class StatusAssessmentView(Table):
    """Judgements: read here, recorded at their commitment."""

    column_list = (
        "commitment",
        "execution",
        "summary",
        "effective_on",
        "reviewed_up_to",
        "recorded_at",
        "analyst",
    )
    column_details_list = (
        *column_list,
        "outcome",
        "official_claim",
        "progress",
        "problems",
        "next_steps",
        "progress_share",
        "reason",
        "attribution",
        "confidence",
        "corrects_id",
        "codebook_version",
    )
    column_searchable_list = ("summary", "progress", "problems", "next_steps")
    column_sortable_list = (
        ("commitment", "commitment.code"),
        "execution",
        "effective_on",
        "reviewed_up_to",
        "recorded_at",
        ("analyst", "analyst.name"),
    )
    column_default_sort = ("id", True)
    narrowed_by = ("execution", "outcome")


def _changes(_view: Any, _context: Any, event: Any, _name: str) -> Any:
    """What changed, one line a column."""
    lines = [escape(f"{column}：{old or '—'} → {new or '—'}") for column, old, new in values.changes(event)]
    return Markup("<br>").join(lines)


class AuditEventView(Table):
    """Who changed what. The log grows without end, so its rows are not counted for each page."""

    column_list = column_details_list = ("at", "actor", "action", "table_name", "row_key", "changes")
    column_searchable_list = ("actor", "table_name", "row_key")
    column_sortable_list = ("at", "actor")
    column_default_sort = ("id", True)
    simple_list_pager = True
    column_formatters: ClassVar[dict[str, Any]] = {
        "changes": _changes,
        "action": lambda _view, _context, event, _name: label(event.action),
        "table_name": lambda _view, _context, event, _name: labels.table(event.table_name),
    }
    narrowed_by = ("action",)

    def _narrowing(self) -> list[Any]:
        """Accounts, their addresses and roles are the administrators' to see."""
        hidden = [] if auth.may(Role.ADMIN) else [AuditEvent.table_name != "user"]
        return [*super()._narrowing(), *hidden]
