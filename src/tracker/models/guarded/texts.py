"""Rules of texts, commitments and accounts: what is kept for ever, and what lies within what."""

from __future__ import annotations

from tracker.codebook import Role
from tracker.models.guarded.rule import Rule


def _manages(row: str) -> str:
    """Condition: an account can manage accounts."""
    return f"{row}role = '{Role.ADMIN}' AND {row}active AND {row}password IS NOT NULL"


_NO_LONGER = f"({_manages('OLD.')}) AND NOT ({_manages('NEW.')})"
_LAST = f'{_NO_LONGER} AND NOT EXISTS (SELECT 1 FROM "user" WHERE id <> OLD.id AND {_manages("")})'

RULES: dict[str, Rule] = {
    "guard_user_last_admin": (
        "user",
        "UPDATE",
        {"sqlite": _LAST, "postgresql": _LAST, "queue": _NO_LONGER},
        "the last administrator who can sign in stays: make another one first",
    ),
    "guard_commitment_id": ("commitment", "UPDATE", "OLD.id <> NEW.id", "a commitment keeps its history"),
    "guard_user_name": (
        "user",
        "UPDATE",
        "OLD.name <> NEW.name OR OLD.id <> NEW.id",
        "a name that signs is kept: make another account",
    ),
    "guard_user_delete": ("user", "DELETE", "TRUE", "an account is never deleted: let nobody sign in with it"),
    "guard_commitment_code": (
        "commitment",
        "UPDATE",
        "OLD.code <> NEW.code",
        "a commitment keeps its code for ever",
    ),
    "guard_commitment_delete": (
        "commitment",
        "DELETE",
        "TRUE",
        "a commitment is never deleted: withdraw it, so that its code stays taken",
    ),
    "guard_passage_fits": (
        "passage",
        "INSERT",
        'NEW."end" > (SELECT length(text) FROM source_document WHERE id = NEW.document_id)',
        "a passage ends within its document",
    ),
    "guard_turn_fits": (
        "turn",
        "INSERT",
        "NEW.answer_end > (SELECT length(text) FROM source_document WHERE id = NEW.document_id)",
        "an answer ends within its document",
    ),
}
