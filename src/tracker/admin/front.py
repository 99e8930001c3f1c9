"""The desk's first page: the cities, what is past its next check, and what was recorded last."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from flask_admin.base import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload, raiseload

from tracker import queries
from tracker.admin import arguments
from tracker.admin.base import Closed
from tracker.codebook import Execution, PublicationState, Role
from tracker.language import lazy
from tracker.models import Commitment, StatusAssessment
from tracker.queries import CommitmentFilter

#: Most commitments and assessments shown on the first page.
_MOST = 10


class FrontView(Closed):
    """Where work begins."""

    opens: ClassVar[dict[str, Role]] = {"index": Role.READER}

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("概览", "Overview"), endpoint="admin", url="/desk")
        self.session = session

    @expose("/")
    def index(self) -> str:
        """The page."""
        arguments.only([])
        tally = self.session.execute(queries.tally("execution", CommitmentFilter())).all()
        return self.render(
            "desk/index.html",
            cities=self.session.execute(queries.cities()).all(),
            counts={(row.city_code, row.value): row.count for row in tally},
            totals={row.city_code: int(row.of) for row in tally},
            statuses=[status for status in Execution if any(row.value == status for row in tally)],
            due=self._due(),
            latest=self._latest(),
        )

    def _due(self) -> list[Any]:
        """Commitments that somebody should have looked at by today, the longest overdue first."""
        today = datetime.now().astimezone().date()
        rows = queries.commitments(CommitmentFilter(unpublished=True)).where(
            Commitment.next_check <= today, Commitment.publication_state != PublicationState.WITHDRAWN
        )
        ordered = rows.order_by(None).order_by(Commitment.next_check, Commitment.document_id, Commitment.position)
        return list(self.session.execute(ordered.limit(_MOST)).all())

    def _latest(self) -> list[StatusAssessment]:
        rows = select(StatusAssessment).options(
            joinedload(StatusAssessment.commitment), joinedload(StatusAssessment.analyst), raiseload("*")
        )
        return list(self.session.scalars(rows.order_by(StatusAssessment.id.desc()).limit(_MOST)))
