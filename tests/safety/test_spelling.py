"""Texts are composed, names hold nothing unseen and look like no other's, and quotes stay as they were found."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import Engine, Enum, String, inspect, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, commitment, obstacle, record
from tracker import audit, db
from tracker.cli import tracker
from tracker.codebook import EvidenceReports, Execution
from tracker.findings import Source
from tracker.models import LONG, NAMES, Base, Evidence, Jurisdiction, Organisation, Person, StatusAssessment, User
from tracker.rules import RuleBroken
from tracker.texts import is_unseen, skeleton
from visiting import send

#: What is typed with a letter and an accent apart, and composed.
APART, COMPOSED = "cafe\u0301 진행", "caf\u00e9 진행"
APART = APART.replace("진", "\u110c\u1175\u11ab")

UNSEEN = [
    "\u200b",
    "\u200d",
    "\u200e",
    "\u202a",
    "\u202e",
    "\u2066",
    "\u2069",
    "\ufeff",
    "\u00ad",
    "\u2060",
    "\x07",
    "\x1b",
    "\x85",
    "\u2028",
]


def test_I5_what_is_recorded_is_composed_and_what_is_quoted_is_not(desk: Session) -> None:
    source = Source(PAGE, reports=EvidenceReports.DELIVERY, title=APART, excerpt=APART)
    made = record(desk, "CZ-2020-01", Execution.IN_PROGRESS, summary=APART, evidence=(source,))
    desk.expire_all()
    cited = desk.scalars(select(Evidence).where(Evidence.url == PAGE)).one()
    assert (made.summary, cited.title, cited.excerpt) == (COMPOSED, COMPOSED, APART)


def test_I5_every_way_in_composes(ledger: Engine, ledger_url: str, analyst: FlaskClient) -> None:
    said = {"execution": "in_progress", "effective_on": "2020-12-31", "reviewed_up_to": "2021-01-31", "summary": APART}
    cited = {"evidence-0-url": PAGE, "evidence-0-reports": "delivery"}
    assert send(analyst, "/desk/commitment/record/?code=CZ-2020-01", {**said, **cited}).status_code == 302
    rows = f"编号\t执行状态\t状态生效日\t核查结论\t依据网址\t报道内容\nCZ-2020-02.1\t推进中\t2020-12-31\t{APART}\t{PAGE}\t交付"
    shown = send(analyst, "/desk/bulk/sheet/", {"text": rows, "do": "preview"}).text
    kept = {
        name: (re.search(rf'name="{name}"[^>]*value="([^"]*)"', shown) or ["", ""])[1]
        for name in ("previewed", "latest")
    }
    written = send(
        analyst,
        "/desk/bulk/sheet/",
        {"text": rows, "do": "write", **{n: v.replace("&#34;", '"') for n, v in kept.items()}},
    )
    assert written.status_code == 302
    command = ["--database", ledger_url, "record", "CZ-2020-02.2", "in_progress", "--effective-on", "2020-12-31"]
    command += ["--reviewed-up-to", "2021-01-31", "--summary", APART, "--evidence", PAGE, "--evidence-kind", "delivery"]
    assert CliRunner().invoke(tracker, command).exit_code == 0
    with db.reading(ledger) as session:
        assert session.scalars(select(StatusAssessment.summary)).all() == [COMPOSED] * 3


def test_I5_a_search_finds_what_is_written_otherwise(ledger: Engine, analyst: FlaskClient) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        commitment(session, "CZ-2020-01").title_en = "the café of the park"
    for address in ("/commitments", "/desk/commitment/"):
        assert "CZ-2020-01" in analyst.get(address, query_string={"search": "cafe\u0301"}).text


@pytest.mark.parametrize("character", UNSEEN, ids=ascii)
def test_I5_no_name_holds_a_character_that_nobody_sees(desk: Session, character: str) -> None:
    commitment(desk, "CZ-2020-01").title_zh = f"线上{character}招商"
    with pytest.raises(RuleBroken, match="看不见"):
        desk.flush()
    desk.rollback()
    with pytest.raises(RuleBroken):
        obstacle(desk, title=f"融资{character}难")
    desk.rollback()
    assert not audit.can_sign(f"李{character}明")


@pytest.mark.parametrize("name", ["园区😀", "👩‍🌾合作社", "（ＡＢＣ）公司", "café", "𠮷野家", "ﬁ"])
def test_I5_pictures_wide_letters_and_rare_characters_stand(desk: Session, name: str) -> None:
    row = commitment(desk, "CZ-2020-01")
    row.title_zh = name
    desk.flush()
    desk.expire(row)
    assert row.title_zh == name


def test_I5_the_desk_says_what_is_wrong_with_a_name(analyst: FlaskClient) -> None:
    for language, words in (("zh", "看不见的字符"), ("en", "character that is not seen")):
        analyst.set_cookie("lang", language)
        answer = send(analyst, "/desk/commitment/edit/?id=1", {"title_zh": "线上\u202e招商"})
        assert words in answer.text


def test_I5_names_that_look_alike_are_found(ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        audit.signer(session, "Anna Pope")
        taken = session.scalars(select(Organisation.name_zh).limit(1)).one()
    for name in ("Аnna Роре", "ANNA POPE", "Ａｎｎａ Ｐｏｐｅ", "AnnaPope"):
        with pytest.raises(RuleBroken, match="looks like"), db.writing(ledger, actor=ANALYST) as session:
            audit.signer(session, name)
    with pytest.raises(RuleBroken, match="looks like"), db.writing(ledger, actor=ANALYST) as session:
        session.add(Organisation(**organisation(session), code="another", name_zh=taken + " ", name_en="x"))
    assert skeleton("Ａ-公司") == skeleton("а公司") != skeleton("乙公司")


def organisation(session: Session) -> dict[str, object]:
    """What a unit has beside its names."""
    given = session.scalars(select(Organisation).limit(1)).one()
    names = {column.key for column in inspect(Organisation).columns} - {"id", "code", "name_zh", "name_en"}
    return {name: getattr(given, name) for name in names}


@pytest.mark.parametrize("half", ["\ud800", "a\udfff"])
def test_I5_half_a_character_is_refused(half: str, desk: Session) -> None:
    assert is_unseen(half)
    with pytest.raises(RuleBroken):
        record(desk, "CZ-2020-01", Execution.IN_PROGRESS, summary=half)


def written(session: Session, model: type[Base]) -> dict[str, object]:
    """A row of a table as it stands, under another key where its key is a number."""
    row = session.scalars(select(model).limit(1)).one()
    return {column.key: getattr(row, column.key) for column in inspect(model).columns}


def texts(model: type[Base]) -> list[tuple[str, int]]:
    return [
        (column.key, column.type.length or LONG)
        for column in inspect(model).columns
        if isinstance(column.type, String) and not isinstance(column.type, Enum)
    ]


@pytest.mark.parametrize("model", [Person, Organisation, Jurisdiction, User], ids=lambda model: model.__name__)
def test_I10_no_text_is_longer_than_its_column(ledger: Engine, model: type[Base]) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        audit.signer(session, ANALYST)
    with db.reading(ledger) as session:
        key = session.scalars(select(model.__table__.c.id).limit(1)).one()
    for column, longest in texts(model):
        with pytest.raises(DBAPIError), ledger.begin() as connection:
            connection.execute(
                update(model.__table__).where(model.__table__.c.id == key), {column: "字" * (longest + 1)}
            )


def test_I10_every_column_of_text_is_guarded_on_sqlite(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL holds declared lengths itself")
    with engine.connect() as connection:
        statements = dict(connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all())
    unbounded = {"source_document.text", "searched_text.own", "searched_text.quote", "searched_text.focus"}
    held = 0
    for table in Base.metadata.sorted_tables:
        for column in table.c:
            if (
                not isinstance(column.type, String)
                or isinstance(column.type, Enum)
                or f"{table}.{column.key}" in unbounded
            ):
                continue
            for operation in ("insert", "update"):
                said = statements[f"guard_{table.name}_spelled_{operation}"]
                assert f'length(NEW."{column.name}") > {column.type.length or LONG}' in said
                held += 1
    assert held > 150


@pytest.mark.parametrize("model", [Person, Organisation, Jurisdiction], ids=lambda model: model.__name__)
def test_I10_I5_raw_sql_writes_no_name_with_what_is_not_seen(ledger: Engine, model: type[Base]) -> None:
    for column in {"name_zh", "name_en"} & NAMES:
        for character in UNSEEN[:1] + UNSEEN[2:10]:
            with pytest.raises(DBAPIError), ledger.begin() as connection:
                connection.execute(update(model.__table__), {column: f"某{character}人"})


def test_I10_no_code_is_stored_that_the_codebook_lacks(ledger: Engine) -> None:
    with ledger.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, Enum):
                    checks = " ".join(str(rule.sqltext) for rule in table.constraints if hasattr(rule, "sqltext"))
                    assert column.name in checks, column
        with pytest.raises(DBAPIError):
            connection.execute(text("UPDATE organisation SET kind = 'no_such_kind'"))


def test_I10_the_command_line_says_what_is_too_long_in_one_line(ledger_url: str) -> None:
    command = [
        "--database",
        ledger_url,
        "obstacle",
        "add",
        "--city",
        "郴州",
        "--category",
        "融资",
        "--raised-on",
        "2020-03-01",
    ]
    ran = CliRunner().invoke(tracker, [*command, "--title", "难" * 501])
    assert isinstance(ran.exception, RuleBroken)


def test_I4_the_form_says_what_is_too_long(analyst: FlaskClient) -> None:
    for field, length in (("title_zh", 501), ("note_zh", LONG + 1)):
        answer = send(analyst, "/desk/commitment/edit/?id=1", {field: "字" * length})
        assert "没有保存" not in answer.text or "SQL" not in answer.text
        assert answer.status_code in {200, 422}
        assert str(length - 1) in answer.text
