"""What a rule of the database is, and the conditions that several of them share."""

from __future__ import annotations

#: Table, operation, condition under which a row is refused (by engine where they differ), what is said. `queue` is the
#: condition under which, on PostgreSQL, one transaction waits for the other before it looks; SQLite writes one by one.
Rule = tuple[str, str, str | dict[str, str], str]


def bad_day(column: str) -> dict[str, str]:
    """Condition: a day is none, lies before 1949-10-01, or lies after it was written down; or that is yet to come."""
    return {
        "sqlite": (
            f"NEW.{column} IS NOT date(NEW.{column}) OR NEW.{column} < '1949-10-01'"
            f" OR NEW.{column} > date(NEW.recorded_at, '+1 day')"
            " OR datetime(NEW.recorded_at) IS NULL OR datetime(NEW.recorded_at) > datetime('now', '+1 day')"
        ),
        "postgresql": (
            f"NOT isfinite(NEW.{column}) OR NEW.{column} < DATE '1949-10-01'"
            f" OR NEW.{column} > (NEW.recorded_at AT TIME ZONE 'UTC')::date + 1"
            " OR NEW.recorded_at > now() + INTERVAL '1 day'"
        ),
    }
