"""What the database itself refuses: changes of history, and judgements that rest on nothing.

SQLite and PostgreSQL each need their own triggers. `install` makes them anew after every migration;
`missing` tells which are not there. REPLACE passes UPDATE and DELETE triggers on SQLite, so an INSERT
of a key that exists is refused too.
"""

from __future__ import annotations

from sqlalchemy import Connection, PrimaryKeyConstraint, Table, UniqueConstraint, inspect, text

from tracker.codebook import EvidenceRelation, EvidenceReports, Execution
from tracker.models.base import Base

#: Tables whose rows are written once.
APPEND_ONLY = (
    "source_document",
    "turn",
    "passage",
    "evidence",
    "search_log",
    "status_assessment",
    "assessment_evidence",
    "audit_event",
)

_PROGRESS = ", ".join(f"'{code}'" for code in Execution if code.is_progress)
_NEEDS_EVIDENCE = ", ".join(f"'{code}'" for code in Execution if code.needs_evidence)
_SUPPORT = (
    "SELECT 1 FROM assessment_evidence JOIN evidence ON evidence.id = evidence_id"
    f" WHERE assessment_id = NEW.id AND relation = '{EvidenceRelation.SUPPORTS}'"
)

#: name → (table, operation, condition under which a row is refused, what is said)
RULES = {
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
    "guard_assessment_search": (
        "status_assessment",
        "INSERT",
        (
            f"NEW.execution = '{Execution.NO_EVIDENCE_FOUND}' AND NOT EXISTS (SELECT 1 FROM search_log"
            " WHERE commitment_id = NEW.commitment_id AND searched_on >= NEW.reviewed_up_to)"
        ),
        "no_evidence_found rests on a search made on or after its cut-off date",
    ),
    "guard_assessment_evidence": (
        "status_assessment",
        "INSERT",
        f"NEW.execution IN ({_NEEDS_EVIDENCE}) AND NOT EXISTS ({_SUPPORT})",
        "a finding rests on evidence that supports it",
    ),
    "guard_assessment_announcement": (
        "status_assessment",
        "INSERT",
        (
            f"NEW.execution IN ({_PROGRESS}) AND EXISTS ({_SUPPORT}) AND NOT EXISTS ({_SUPPORT}"
            f" AND (reports IS NULL OR reports <> '{EvidenceReports.ANNOUNCEMENT}'))"
        ),
        "an announcement alone is not progress: it supports planned at most",
    ),
    "guard_assessment_claim": (
        "status_assessment",
        "INSERT",
        (
            "NEW.official_claim IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_evidence"
            " WHERE assessment_id = NEW.id AND evidence_id = NEW.official_claim_source_id)"
        ),
        "the source of an official claim is among the evidence cited",
    ),
    "guard_assessment_evidence_frozen": (
        "assessment_evidence",
        "INSERT",
        "EXISTS (SELECT 1 FROM status_assessment WHERE id = NEW.assessment_id)",
        "the evidence of an assessment is written with it: record another assessment",
    ),
}


def _tables() -> list[Table]:
    return [Base.metadata.tables[name] for name in APPEND_ONLY]


def _keys(table: Table) -> str:
    """Condition: a row with one of the new row's keys exists."""
    keys = [key for key in table.constraints if isinstance(key, PrimaryKeyConstraint | UniqueConstraint)]
    same = [" AND ".join(f'"{c.name}" = NEW."{c.name}"' for c in key.columns) for key in keys]
    return " OR ".join(f"({condition})" for condition in sorted(same))


def _sqlite() -> dict[str, str]:
    made = {}
    for table in _tables():
        said = f"{table.name} is written once: rows are never changed or deleted"
        for operation in ("UPDATE", "DELETE"):
            made[f"guard_{table.name}_{operation.lower()}"] = (
                f"BEFORE {operation} ON \"{table.name}\" BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
    for table in [*_tables(), Base.metadata.tables["commitment"]]:
        made[f"guard_{table.name}_replace"] = (
            f'BEFORE INSERT ON "{table.name}" WHEN EXISTS (SELECT 1 FROM "{table.name}" WHERE {_keys(table)})'
            f" BEGIN SELECT RAISE(ABORT, '{table.name}: a row with this key exists and is never replaced'); END"
        )
    for name, (owner, operation, condition, said) in RULES.items():
        made[name] = f"BEFORE {operation} ON \"{owner}\" WHEN {condition} BEGIN SELECT RAISE(ABORT, '{said}'); END"
    return {name: f"CREATE TRIGGER {name} {body}" for name, body in made.items()}


def _postgresql() -> dict[str, str]:
    made = {}
    for table in [*_tables(), Base.metadata.tables["commitment"]]:
        said = f"{table.name} is written once: rows are never changed or deleted"
        made[f"guard_{table.name}_truncate"] = (
            f"BEFORE TRUNCATE ON \"{table.name}\" FOR EACH STATEMENT EXECUTE FUNCTION tracker_refuse('{said}')"
        )
        if table.name in APPEND_ONLY:
            made[f"guard_{table.name}_row"] = (
                f"BEFORE UPDATE OR DELETE ON \"{table.name}\" FOR EACH ROW EXECUTE FUNCTION tracker_refuse('{said}')"
            )
    created = {name: f"CREATE TRIGGER {name} {body}" for name, body in made.items()}
    for name, (owner, operation, condition, said) in RULES.items():
        row = "OLD" if operation == "DELETE" else "NEW"
        # A trigger's WHEN may hold no subquery on PostgreSQL, so each rule is a function of its own.
        created[name] = (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {condition} THEN RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation'; END IF;"
            f" RETURN {row}; END $$;"
            f' CREATE TRIGGER {name} BEFORE {operation} ON "{owner}" FOR EACH ROW EXECUTE FUNCTION {name}()'
        )
    return created


_REFUSE = """
CREATE OR REPLACE FUNCTION tracker_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE restrict_violation USING MESSAGE = TG_ARGV[0]; END $$
"""


def present(connection: Connection) -> dict[str, str]:
    """The guards that are in the database: name → table."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            text(
                "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\\_%' ESCAPE '\\'"
            )
        )
    else:
        found = connection.execute(
            text(
                "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE tgname LIKE 'guard\\_%' AND tgenabled <> 'D' AND pg_table_is_visible(pg_class.oid)"
            )
        )
    return {str(name): str(table) for name, table in found}


def expected(connection: Connection) -> dict[str, str]:
    """Every guard of this database engine: name → the statement that makes it."""
    return _sqlite() if connection.dialect.name == "sqlite" else _postgresql()


def install(connection: Connection) -> None:
    """Make every guard anew whose tables exist. Leaves committing to the caller."""
    for name, table in present(connection).items():
        on_table = "" if connection.dialect.name == "sqlite" else f' ON "{table}"'
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on_table}")
    if not inspect(connection).has_table("status_assessment"):
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_REFUSE)
    for statement in expected(connection).values():
        connection.exec_driver_sql(statement)


def missing(connection: Connection) -> list[str]:
    """Names of the guards that should be in the database and are not."""
    return sorted(set(expected(connection)) - set(present(connection)))
