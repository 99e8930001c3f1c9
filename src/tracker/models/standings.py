"""How every commitment stands now: derived from its history, and stored so that a list need not derive it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, Double, ForeignKey, Index, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from tracker.codebook import Checkability, DeadlineKind, Execution, Kind, PublicationState, Verdict
from tracker.models.base import Base, coded

_DONE = ", ".join(f"'{code}'" for code in Execution if code.is_done)

#: The rows that wait on each work list, but for the day, and by which they are walked along, the most pressing first: a
#: condition that holds the index as well as the question, word for word, so that the one is used for the other.
WAITING = {
    "returned": ("returned", ("recorded_at",)),
    "returned_to": ("returned", ("returned_to", "recorded_at")),
    "awaiting": ("assessment_id IS NOT NULL AND verdict IS NULL", ("recorded_at",)),
    "due": (f"deadline_kind = 'completion' AND execution NOT IN ({_DONE})", ("window_end",)),
    "look_again": ("next_check IS NOT NULL", ("next_check",)),
    "disputed": ("disputed", ("effective_on",)),
    "stale": (f"execution NOT IN ('{Execution.NOT_REVIEWED}', {_DONE})", ("reviewed_up_to",)),
    "horizon": (f"deadline_kind = 'horizon' AND execution NOT IN ({_DONE})", ("window_end",)),
    # Of the calendar, what is done too.
    "calendar": ("deadline_kind IN ('completion', 'horizon')", ("deadline_kind", "window_end")),
    "never": (f"execution = '{Execution.NOT_REVIEWED}' AND is_followable",
              ("checkability", "deadline_kind", "window_end")),
}  # fmt: skip


def waiting(name: str) -> ColumnElement[bool]:
    """The condition of the rows that wait on a list, in a question about this table alone."""
    return literal_column(f"NOT approved_only AND {WAITING[name][0]}")


def _indexes() -> list[Index]:
    return [
        Index(f"ix_current_standing_{name}", *along, "document_id", "position", "jurisdiction_id",
              sqlite_where=waiting(name), postgresql_where=waiting(name))
        for name, (_, along) in WAITING.items()
    ]  # fmt: skip


class CurrentStanding(Base):
    """How a commitment stands by everything that is written down. Triggers write it (`tracker.stored`), nobody else."""

    __table_args__ = (
        # What stands so, and everything, in the order of the documents: a page of a list ends where it is full.
        Index(None, "approved_only", "execution", "document_id", "position"),
        Index(None, "approved_only", "document_id", "position"),
        *_indexes(),
        {"sqlite_with_rowid": False},
    )

    #: one row for each: by every assessment that was not returned, and by those alone that were approved
    approved_only: Mapped[bool] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id", ondelete="CASCADE"), primary_key=True)
    #: where the commitment stands in the order of all, as it does there
    document_id: Mapped[int]
    position: Mapped[int]
    #: the assessment by which it stands; none while nobody has looked
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("status_assessment.id"))
    execution: Mapped[Execution] = mapped_column(coded(Execution, "execution"))
    #: what a second person said last of that assessment
    verdict: Mapped[Verdict | None] = mapped_column(coded(Verdict, "verdict"))
    #: whether that assessment cites evidence for and against
    disputed: Mapped[bool]
    #: whether the last assessment that was recorded was returned
    returned: Mapped[bool]
    #: first day on which it was done and after which nothing undid it
    done_on: Mapped[date | None]
    reviewed_up_to: Mapped[date | None]
    #: the revision that set the deadline in force; none while it stands as in the text
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("deadline_revision.id"))
    deadline_kind: Mapped[DeadlineKind] = mapped_column(coded(DeadlineKind, "deadline_kind"))
    #: first and last day of the window in force
    window_start: Mapped[date | None]
    window_end: Mapped[date | None]
    #: of what it is counted, as it was coded
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdiction.id"))
    publication_state: Mapped[PublicationState] = mapped_column(coded(PublicationState, "publication_state"))
    kind: Mapped[Kind] = mapped_column(coded(Kind, "kind"))
    checkability: Mapped[Checkability] = mapped_column(coded(Checkability, "checkability"))
    #: whether it can be followed up: a part, or a head that stands alone
    is_followable: Mapped[bool]
    next_check: Mapped[date | None]
    #: of the assessment by which it stands
    effective_on: Mapped[date | None]
    recorded_at: Mapped[datetime | None]
    progress_share: Mapped[float | None] = mapped_column(Double)
    analyst_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: who wrote the last assessment, where that was returned
    returned_to: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
