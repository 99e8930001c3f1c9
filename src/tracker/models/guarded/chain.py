"""Rules of the chain: it grows at its end, by events that are there."""

from __future__ import annotations

from tracker.models.guarded.rule import Rule

RULES: dict[str, Rule] = {
    "guard_chain_sequence": (
        "chain_entry",
        "INSERT",
        "NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM chain_entry)",
        "the chain goes on where it ends: without a gap, and with nothing put in between",
    ),
    "guard_chain_event": (
        "chain_entry",
        "INSERT",
        "NEW.event_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.event_id)",
        "what is chained is an event of the audit",
    ),
}
