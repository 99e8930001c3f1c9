"""The triggers of what is stored stand aside for a load; all of them are made anew at the end of the upgrade.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Nothing but the triggers."""


def downgrade() -> None:
    """Nothing but the triggers."""
