"""The report of a city: `/cities/<city>/report`, to be printed from the browser, or as a Word document."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import registers, reports
from tracker.filters import CommitmentFilter
from tracker.language import current, t
from tracker.pages import address, integrity

#: What a report can be asked for as, and what it is sent as.
_FORMS = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def page(session: Session, name: str) -> ResponseReturnValue:
    """The report of the city with that slug, GB/T code or Chinese name, as `html` or `docx`. Raises `UnknownValue`."""
    documents = address.documents_of(session, name)
    city, cutoff, form = documents[0], address.cutoff(), _form()
    if name != city.city_slug:
        return redirect(url_for("pages.city_report", name=city.city_slug) + address.here().rstrip("?"))
    _fits(session, city)
    of, signed = reports.edition(session, city.city_code, cutoff, integrity.key())
    made = reports.report(session, documents, cutoff, of, current(), drawn=True)
    response = Response(content_type=_FORMS[form])
    response.vary.update(["Accept-Language", "Cookie"])
    response.headers["Content-Security-Policy"] = reports.policy()
    # The checkpoint changes with every second, and the report with what it says.
    response.set_etag(hashlib.sha256(f"{form}{reports.page(made)}".encode()).hexdigest()[:32], weak=True)
    if response.make_conditional(request).status_code != 304:
        out = io.BytesIO()
        reports.FORMS[f".{form}"](made, signed, out)
        response.set_data(out.getvalue())
        if form == "docx":
            response.headers.set("Content-Disposition", "attachment", filename=f"{city.city_slug}-report.docx")
    return response


def _form() -> str:
    given = request.args.get("format", "").strip() or "html"
    if given not in _FORMS:
        why = t(f"没有“{given}”这种格式。可以选：", f"There is no format “{given}”. These can be asked for:")
        raise address.UnknownValue(why, links=[(address.here(format=form), form) for form in _FORMS])
    return given


def _fits(session: Session, city: Row[Any]) -> None:
    """Refuse a report that no page could hold."""
    counted = registers.counted(session, CommitmentFilter(cities=(city.city_code,)))
    if counted.rows > registers.MOST:
        most = registers.MOST
        raise address.UnknownValue(
            t(f"报告至多 {most} 条。请用 tracker report 命令生成，或下载数据。",
              f"A report holds {most} commitments at most. Write it with `tracker report`, or take the data."),
            links=[(url_for("pages.city", name=city.city_slug, format="csv"), "CSV")],
        )  # fmt: skip
