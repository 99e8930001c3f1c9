"""Lists that a city keeps and that are tied to its commitments: policies here, problems in `obstacles`."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import g, request, url_for
from markupsafe import Markup
from sqlalchemy import select

from tracker import queries
from tracker.admin import arguments
from tracker.admin.base import Table
from tracker.admin.fields import web_address
from tracker.admin.ledger import link
from tracker.codebook import Role
from tracker.language import t
from tracker.models import Commitment, Jurisdiction


def commitment_links(_view: Any, _context: Any, row: Any, _name: str) -> Any:
    """The commitments that a row is tied to, each leading to its page."""
    return Markup("<br>").join(
        Markup('<a class="code" href="{}">{}</a> {}').format(
            url_for("commitment.details_view", code=tied.code), tied.code, t(tied.title_zh, tied.title_en)
        )
        for tied in row.commitments
    )


class CityList(Table):
    """A list narrowed by city, whose lines can be begun from the page of a commitment."""

    opens: ClassVar[dict[str, Role]] = {
        "index_view": Role.READER,
        "details_view": Role.READER,
        "create_view": Role.ANALYST,
        "edit_view": Role.ANALYST,
    }
    column_formatters_detail: ClassVar[dict[str, Any]] = {"commitments": commitment_links, "url": link}

    def choices(self) -> dict[str, dict[str, str]]:
        """The cities that have commitments, beside what else the list is narrowed by."""
        if "desk_cities" not in g:
            g.desk_cities = {row.code: t(row.name_zh, row.name_en) for row in self.session.execute(queries.cities())}
        return {"city": g.desk_cities, **super().choices()}

    def narrowed(self, name: str, value: str) -> Any:
        """Of a city: by its code."""
        if name != "city":
            return super().narrowed(name, value)
        place = select(Jurisdiction.id).where(Jurisdiction.code == value)
        return self.model.jurisdiction_id.in_(place)

    def create_form(self, obj: Any = None) -> Any:
        """The form of a new line; opened from a commitment, it names that commitment and its city."""
        form = super().create_form(obj)
        code = request.args.get("commitment", "").strip()[:100]
        if code and request.method == "GET":
            tied = self.session.scalars(select(Commitment).where(Commitment.code == code)).one_or_none()
            if tied is None:
                arguments.refuse(f"commitment={code[:40]}")
            form.jurisdiction.data, form.commitments.data = tied.jurisdiction, [tied]
        return form


class PolicyDocumentView(CityList):
    """Lines of a policy list (惠企政策清单)."""

    column_list = ("title", "number", "jurisdiction", "valid_from", "valid_to", "unit")
    column_details_list = form_columns = (
        "jurisdiction",
        "title",
        "number",
        "valid_from",
        "valid_to",
        "url",
        "unit",
        "responsible_person",
        "contact",
        "commitments",
    )
    column_searchable_list = ("title", "number", "responsible_person")
    column_sortable_list = ("title", "number", ("jurisdiction", "jurisdiction.code"), "valid_from", "valid_to")
    form_args: ClassVar[dict[str, Any]] = {"url": {"validators": [web_address]}}
