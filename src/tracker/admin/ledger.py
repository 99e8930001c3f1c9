"""What is written once and only read at the desk: documents, figures, evidence, searches and assessments."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, abort, make_response, request
from flask_admin.base import expose
from markupsafe import Markup
from sqlalchemy import func, select

from tracker.admin import arguments
from tracker.admin.base import READ, Table
from tracker.codebook import Role
from tracker.evidence import MEDIA_TYPES
from tracker.language import t
from tracker.models import (
    ArchivedCopy,
    AssessmentEvidence,
    Commitment,
    Passage,
    SourceDocument,
    StatusAssessment,
    User,
)
from tracker.rules import is_web_address


def link(_view: Any, _context: Any, row: Any, name: str) -> Any:
    """An address as a link, where it is one."""
    url = getattr(row, name)
    if not url or not is_web_address(url):
        return url or ""
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(url, url)


class SourceDocumentView(Table):
    """Published texts, with their questions and answers."""

    opens: ClassVar[dict[str, Role]] = READ
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
    column_formatters: ClassVar[dict[str, Any]] = {"url": link, "archived_url": link}
    column_formatters_detail: ClassVar[dict[str, Any]] = {
        **column_formatters,
        "language": lambda _view, _context, row, _name: t("中文", "Chinese") if row.language == "zh" else row.language,
    }
    narrowed_by = ("kind", "source_tier")
    also_loaded = ("turns",)
    details_template = "desk/document.html"


class StatedFigureView(Table):
    """Numbers that the texts state."""

    opens: ClassVar[dict[str, Role]] = READ
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
    column_details_list = (
        *column_list,
        "retrieved_on",
        "fact_date",
        "shows_zh",
        "shows_en",
        "caveat_zh",
        "caveat_en",
        "excerpt",
    )
    column_searchable_list = ("title", "url", "publisher", "excerpt")
    column_sortable_list = ("title", "publisher", "published_on", "origin", "reports")
    column_default_sort = ("id", True)
    column_formatters: ClassVar[dict[str, Any]] = {"url": link}
    narrowed_by = ("origin", "reports")
    opens: ClassVar[dict[str, Role]] = {**READ, "copy_view": Role.READER}
    details_template = "desk/evidence.html"

    def copies(self, page: Any) -> Any:
        """The copies that are kept of it, without their content."""
        size = func.length(ArchivedCopy.content).label("size")
        rows = select(
            ArchivedCopy.id, ArchivedCopy.sha256, ArchivedCopy.media_type, size, ArchivedCopy.retrieved_on,
            User.name.label("analyst"),
        ).join(User, User.id == ArchivedCopy.analyst_id)  # fmt: skip
        return self.session.execute(rows.where(ArchivedCopy.evidence_id == page.id).order_by(ArchivedCopy.id)).all()

    def cited_by(self, page: Any) -> Any:
        """The assessments that cite it, with the code and titles of their commitment."""
        rows = (
            select(
                Commitment.code, Commitment.title_zh, Commitment.title_en,
                StatusAssessment.id.label("assessment"), AssessmentEvidence.relation,
            )
            .select_from(AssessmentEvidence)
            .join(StatusAssessment, StatusAssessment.id == AssessmentEvidence.assessment_id)
            .join(Commitment, Commitment.id == StatusAssessment.commitment_id)
        )  # fmt: skip
        return self.session.execute(
            rows.where(AssessmentEvidence.evidence_id == page.id).order_by(StatusAssessment.id)
        ).all()

    @expose("/copy/")
    def copy_view(self) -> Response:
        """A kept copy, to be saved and never shown in the browser: it is somebody else's page."""
        arguments.only(["id"])
        copy = self.session.get(ArchivedCopy, arguments.key(request.args.get("id")))
        if copy is None:
            abort(404, t("没有这份存档。", "There is no such copy."))
        ending = next((ending for ending, kind in MEDIA_TYPES.items() if kind == copy.media_type), ".bin")
        answer = make_response(copy.content)
        answer.headers["Content-Type"] = "application/octet-stream"
        answer.headers["Content-Disposition"] = f'attachment; filename="{copy.sha256}{ending}"'
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
        return answer


class SearchLogView(Table):
    """Searches for evidence."""

    opens: ClassVar[dict[str, Role]] = READ
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

    opens: ClassVar[dict[str, Role]] = READ
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
        "effective_precision",
        "summary_en",
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
