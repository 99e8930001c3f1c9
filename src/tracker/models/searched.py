"""What a search looks through: the words of commitments, stored together so that an index can hold them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base


class SearchedText(Base):
    """Words by which a commitment is found: its own, or those of one of its figures. Triggers write it, nobody else."""

    # A number is never used again: the index must not take a new text for one that is gone.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - as SQLAlchemy declares it

    #: words that change are stored under a new number
    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id", ondelete="CASCADE"), index=True)
    #: the figure whose words these are; none for the commitment's own
    stated_figure_id: Mapped[int | None] = mapped_column(
        ForeignKey("stated_figure.id", ondelete="CASCADE"), unique=True
    )
    #: titles, code and what was said; of a figure, what it counts
    own: Mapped[str] = mapped_column(Text)
    #: the quote that it shares with others, the text of it, and which words of it are its own; else none and empty
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passage.id"))
    quote: Mapped[str] = mapped_column(Text)
    focus: Mapped[str] = mapped_column(Text)
