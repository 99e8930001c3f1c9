"""Guards that somebody has dropped are made anew; and who may do what on a PostgreSQL server."""

from __future__ import annotations

from sqlalchemy import Engine

from tracker import stored
from tracker.db.engine import ALONE, wait_to_be_alone
from tracker.models import Base, guards
from tracker.models.guarded import APPEND_ONLY, KEPT


def ensure_guards(engine: Engine) -> list[str]:
    """Make the guards of the history anew where one is missing or says something else; returns the names of those."""
    with engine.connect() as connection:
        absent, unkept = guards.missing(connection), stored.missing(connection)
    if absent or unkept:
        with engine.execution_options(**ALONE).begin() as connection:
            # Two that start at once do it one after the other.
            wait_to_be_alone(connection)
            guards.install(connection)
            if unkept:
                stored.install(connection)
    return absent + unkept


def grants(role: str) -> list[str]:
    """What a role on PostgreSQL needs to run the program and no more: it cannot change, delete or empty history.

    Upgrades are then made by the owner of the tables.
    """
    name = '"' + role.replace('"', '""') + '"'
    kept = {*APPEND_ONLY, *KEPT}
    others = sorted(set(Base.metadata.tables) - kept)
    return [
        f"GRANT USAGE ON SCHEMA public TO {name};",
        f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {name};",
        f"REVOKE INSERT ON alembic_version FROM {name};",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name};",
        f"GRANT UPDATE ON {', '.join(_quoted([*others, *KEPT]))} TO {name};",
        # The guards refuse to delete a commitment or an obstacle, whoever asks; what they are tied to may be untied.
        f"GRANT DELETE ON {', '.join(_quoted([*others, 'obstacle_commitment']))} TO {name};",
    ]


def _quoted(tables: list[str]) -> list[str]:
    return [f'"{table}"' for table in tables]
