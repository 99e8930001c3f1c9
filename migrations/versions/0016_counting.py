"""Counts stand aside for loads, and a judgement writes only what it changes; triggers are made anew at the end of the upgrade.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Nothing but the triggers."""


def downgrade() -> None:
    """Nothing but the triggers."""
