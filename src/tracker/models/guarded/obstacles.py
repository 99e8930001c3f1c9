"""Rules of the problem ledger: closed by a second person, and then closed for good."""

from __future__ import annotations

from tracker.models.guarded.rule import Rule, bad_day

_OF_CLOSED = "EXISTS (SELECT 1 FROM obstacle_closing WHERE obstacle_id = {row}.{key})"
_ITS_OBSTACLE = "(SELECT {column} FROM obstacle WHERE id = NEW.obstacle_id)"
_FROZEN = "a closed obstacle is never changed, nor what it is tied to"

RULES: dict[str, Rule] = {
    "guard_obstacle_dates": (
        "obstacle",
        "INSERT",
        bad_day("raised_on"),
        "an obstacle is raised on a day from 1949-10-01 on, not after it was written down",
    ),
    "guard_obstacle_fixed": (
        "obstacle",
        "UPDATE",
        (
            "OLD.id <> NEW.id OR OLD.raised_by_id <> NEW.raised_by_id OR OLD.raised_on <> NEW.raised_on"
            " OR OLD.recorded_at <> NEW.recorded_at"
        ),
        "who raised an obstacle, and when, is kept",
    ),
    "guard_obstacle_closed": ("obstacle", "UPDATE", _OF_CLOSED.format(row="OLD", key="id"), _FROZEN),
    "guard_obstacle_delete": ("obstacle", "DELETE", "TRUE", "an obstacle is never deleted: close it"),
    "guard_obstacle_tie_insert": (
        "obstacle_commitment",
        "INSERT",
        _OF_CLOSED.format(row="NEW", key="obstacle_id"),
        _FROZEN,
    ),
    "guard_obstacle_tie_update": (
        "obstacle_commitment",
        "UPDATE",
        f"{_OF_CLOSED.format(row='OLD', key='obstacle_id')} OR {_OF_CLOSED.format(row='NEW', key='obstacle_id')}",
        _FROZEN,
    ),
    "guard_obstacle_tie_delete": (
        "obstacle_commitment",
        "DELETE",
        _OF_CLOSED.format(row="OLD", key="obstacle_id"),
        _FROZEN,
    ),
    "guard_closing_dates": (
        "obstacle_closing",
        "INSERT",
        bad_day("closed_on"),
        "an obstacle is closed on a day from 1949-10-01 on, not after it was written down",
    ),
    "guard_closing_person": (
        "obstacle_closing",
        "INSERT",
        f"NEW.closed_by_id = {_ITS_OBSTACLE.format(column='raised_by_id')}",
        "an obstacle is closed by a second person, not by who raised it",
    ),
    "guard_closing_order": (
        "obstacle_closing",
        "INSERT",
        (
            f"NEW.closed_on < {_ITS_OBSTACLE.format(column='raised_on')}"
            f" OR NEW.recorded_at < {_ITS_OBSTACLE.format(column='recorded_at')}"
        ),
        "an obstacle is not closed before it was raised",
    ),
}
