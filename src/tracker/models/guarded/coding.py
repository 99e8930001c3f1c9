"""Rules of second coding: nobody codes twice what they coded first, and nothing is decided that nobody coded again."""

from __future__ import annotations

from tracker.models.guarded.rule import Rule

RULES: dict[str, Rule] = {
    "guard_coding_reading_blind": (
        "coding_reading",
        "INSERT",
        "EXISTS (SELECT 1 FROM coding_item WHERE id = NEW.item_id AND first_coder_id = NEW.coder_id)",
        "who coded an item first does not code it again",
    ),
    "guard_coding_reading_in_time": (
        "coding_reading",
        "INSERT",
        "EXISTS (SELECT 1 FROM adjudication WHERE item_id = NEW.item_id)",
        "an item that was adjudicated takes no further reading",
    ),
    "guard_adjudication_of_a_reading": (
        "adjudication",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM coding_reading WHERE item_id = NEW.item_id)",
        "an item that nobody has coded again is not adjudicated",
    ),
}
