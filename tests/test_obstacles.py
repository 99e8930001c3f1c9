"""The lists of a city: obstacles that a second person closes on evidence, and policies in force on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import test_cli
from following import ANALYST, PAGE, close, commitment, obstacle
from test_cli import Run, refused
from tracker import db, ledgers
from tracker import policies as lists
from tracker.codebook import ObstacleState, Role, Validity
from tracker.findings import Source
from tracker.ledgers import ObstacleFilter
from tracker.models import AuditEvent, Evidence, Obstacle, ObstacleClosing, PolicyDocument, Term
from tracker.policies import PolicyFilter
from tracker.rules import RuleBroken
from tracker.standings import Cutoff
from visiting import Somebody, account, send, signed_in

#: Fixtures: a command, run anywhere and on the ledger as seeded.
anywhere, run = test_cli.anywhere, test_cli.run

CODE = "CZ-2020-15.2"
CATEGORIES = ["融资", "用工", "原材料供应", "物资运输"]


def line(session: Session, cutoff: Cutoff, **asked: object) -> tuple[ObstacleState, int] | None:
    """Where the one obstacle stands, and to how many commitments it is tied; none where the ledger has none."""
    row = session.execute(ledgers.obstacles(ObstacleFilter(cutoff=cutoff, **asked))).one_or_none()  # type: ignore[arg-type]
    return row and (row.state, row.tied)


def rules(refusal: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {fault.rule for fault in refusal.value.faults}


# Raised


def test_the_ledger_starts_empty_with_the_categories_of_the_interview_first(desk: Session) -> None:
    assert desk.scalar(select(func.count()).select_from(Obstacle)) == 0
    names = desk.scalars(
        select(Term.name_zh).where(Term.vocabulary.has(code="obstacle-category")).order_by(Term.position)
    )
    assert list(names)[:4] == CATEGORIES


def test_an_obstacle_is_raised_in_the_ledger_of_its_city(desk: Session) -> None:
    made = obstacle(desk, commitments=(commitment(desk, CODE), commitment(desk, "CZ-2020-14.1")))
    assert line(desk, Cutoff(), city_code="431000") == (ObstacleState.OVERDUE, 2)
    assert line(desk, Cutoff(), city_code="421000") is None
    assert next(ledgers.lines(desk, ObstacleFilter()))["commitments"] == ["CZ-2020-14.1", CODE]
    assert made.raised_by.name == ANALYST


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"title": " "}, "obstacle-title"),
        ({"title": "长" * 501}, "text-length"),
        ({"title": "贷款难\0"}, "text-characters"),
        ({"remedy": "长" * 4001}, "text-length"),
        ({"remedy": "对接银行\ud800"}, "text-characters"),
        ({"raised_on": date(2999, 1, 1), "due_on": None}, "raised-on-in-time"),
        ({"raised_on": date(1948, 1, 1)}, "raised-on-in-time"),
        ({"due_on": date(2020, 2, 29)}, "due-after-raised"),
    ],
)
def test_what_cannot_be_raised_is_refused_and_nothing_is_written(
    desk: Session, wrong: dict[str, object], rule: str
) -> None:
    with pytest.raises(RuleBroken) as refusal:
        obstacle(desk, **wrong)
    assert rules(refusal) == {rule}
    assert desk.scalar(select(func.count()).select_from(Obstacle)) == 0


def test_an_obstacle_is_tied_to_its_own_city_and_a_category_of_obstacles(desk: Session) -> None:
    with pytest.raises(RuleBroken) as refusal:
        obstacle(desk, commitments=(commitment(desk, "JZ-2020-01"),), category=desk.scalars(select(Term)).first())
    assert rules(refusal) == {"same-city", "obstacle-category"}


# Closed


def test_an_obstacle_is_closed_by_a_second_person_on_evidence(desk: Session) -> None:
    closing = close(desk, obstacle(desk))
    assert line(desk, Cutoff()) == (ObstacleState.CLOSED, 1)
    assert (closing.closed_by.name, closing.evidence.url) == ("复核员甲", PAGE)


def test_the_same_link_is_the_same_evidence(desk: Session) -> None:
    for source in (Source(PAGE), Source(PAGE), Source(PAGE, title="已放款")):
        close(desk, obstacle(desk), source=source)
    assert desk.scalar(select(func.count()).select_from(Evidence)) == 2


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"closer": ANALYST}, "second-person"),
        ({"source": Source("")}, "closing-evidence"),
        ({"source": Source("ftp://example.org")}, "evidence-address"),
        ({"source": Source(PAGE, published_on=date(2999, 1, 1))}, "published-not-in-future"),
        ({"closed_on": date(2020, 2, 29)}, "closed-after-raised"),
        ({"closed_on": date(2999, 1, 1)}, "closed-on-in-time"),
        ({"source": Source(PAGE, title="长" * 501)}, "text-length"),
        ({"source": Source(PAGE, excerpt="已放款\0")}, "text-characters"),
        ({"note": " "}, "closing-note"),
        ({"note": "长" * 4001}, "text-length"),
        ({"note": "已放款\udfff"}, "text-characters"),
    ],
)
def test_a_closing_that_breaks_a_rule_is_refused_and_nothing_is_written(
    desk: Session, wrong: dict[str, object], rule: str
) -> None:
    raised = obstacle(desk)
    with pytest.raises(RuleBroken) as refusal:
        close(desk, raised, **wrong)  # type: ignore[arg-type]
    assert rules(refusal) == {rule}
    assert desk.scalar(select(func.count()).select_from(Evidence)) == 0
    assert line(desk, Cutoff()) == (ObstacleState.OVERDUE, 1)


def test_an_obstacle_is_closed_once(desk: Session) -> None:
    raised = obstacle(desk)
    close(desk, raised)
    with pytest.raises(RuleBroken) as refusal:
        close(desk, raised)
    assert rules(refusal) == {"closed-once"}


# On both time axes


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2020-02-29", None),
        ("2020-03-01", ObstacleState.OPEN),
        ("2020-06-30", ObstacleState.OPEN),
        ("2020-07-01", ObstacleState.OVERDUE),
        ("2020-07-04", ObstacleState.OVERDUE),
        ("2020-07-05", ObstacleState.CLOSED),
    ],
)
def test_a_ledger_is_read_as_of_any_day(desk: Session, day: str, state: ObstacleState | None) -> None:
    close(desk, obstacle(desk))
    cutoff = Cutoff(as_of=date.fromisoformat(day))
    assert line(desk, cutoff) == (state and (state, 1))
    asked = {wanted for wanted in ObstacleState if line(desk, cutoff, state=wanted)}
    assert asked == ({state} if state is not ObstacleState.OVERDUE else {state, ObstacleState.OPEN}) - {None}


def test_a_ledger_is_read_as_it_was_written_down_by_any_day(desk: Session) -> None:
    today = datetime.now(UTC)
    close(desk, obstacle(desk, now=today - timedelta(days=9)))
    day = (today - timedelta(days=9)).date()
    assert line(desk, Cutoff(recorded_by=day - timedelta(days=1))) is None
    assert line(desk, Cutoff(recorded_by=day)) == (ObstacleState.OVERDUE, 1)
    assert line(desk, Cutoff(date(2020, 6, 30), day)) == (ObstacleState.OPEN, 1)
    assert line(desk, Cutoff(recorded_by=today.date())) == (ObstacleState.CLOSED, 1)


# What the database refuses, whoever asks

CLOSE = (
    "INSERT INTO obstacle_closing (obstacle_id, closed_on, closed_by_id, evidence_id, note, recorded_at)"
    " SELECT {number}, '{day}', {who}, (SELECT min(id) FROM evidence), 'x', '{now:%Y-%m-%d %H:%M:%S.%f}'"
)
RAISE = (
    "INSERT INTO obstacle (jurisdiction_id, title, category_id, raised_on, due_on, raised_by_id, recorded_at)"
    " SELECT jurisdiction_id, {title}, category_id, '{day}', {due}, raised_by_id, '2026-01-01 00:00:00' FROM obstacle"
    " WHERE id = 1"
)
SAID = {"title": "'x'", "day": "2020-03-01", "due": "NULL"}


@pytest.fixture
def kept(ledger: Engine) -> Engine:
    """A ledger with an obstacle that is open (1) and one that is closed (2)."""
    with db.writing(ledger, actor=ANALYST) as session:
        obstacle(session)
        close(session, obstacle(session))
    return ledger


def denied(engine: Engine, statement: str) -> str:
    """What the database says to a statement; fails where it takes it."""
    with pytest.raises(DBAPIError) as refusal, engine.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(statement))
    return str(refusal.value.orig)


@pytest.mark.parametrize(
    ("number", "day", "closer", "said"),
    [
        (1, "2020-07-05", ANALYST, "second person"),
        (1, "2020-02-29", "复核员甲", "before it was raised"),
        (1, "2999-01-01", "复核员甲", "not after it was written down"),
        (1, "someday", "复核员甲", "day"),
        (2, "2020-07-06", "复核员甲", "obstacle_closing"),
    ],
)
def test_a_closing_past_the_rules_is_refused_by_the_database(
    kept: Engine, number: int, day: str, closer: str, said: str
) -> None:
    who = f"(SELECT id FROM \"user\" WHERE name = '{closer}')"
    assert said in denied(kept, CLOSE.format(number=number, day=day, who=who, now=datetime.now(UTC)))


def test_a_closing_that_meets_the_rules_is_taken(kept: Engine) -> None:
    who = "(SELECT id FROM \"user\" WHERE name = '复核员甲')"
    with kept.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(CLOSE.format(number=1, day="2020-07-05", who=who, now=datetime.now(UTC))))
        connection.execute(text(RAISE.format(**SAID)))
        closed = "SELECT closed_on FROM obstacle_closing WHERE obstacle_id = 1"
        assert str(connection.scalar(text(closed))) == "2020-07-05"
        assert connection.scalar(text("SELECT count(*) FROM obstacle")) == 3


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE obstacle SET raised_by_id = (SELECT min(id) FROM \"user\" WHERE name <> '测试员') WHERE id = 1", "kept"),
        ("UPDATE obstacle SET raised_on = '2020-03-02' WHERE id = 1", "kept"),
        ("UPDATE obstacle SET recorded_at = '2020-03-02 00:00:00' WHERE id = 1", "kept"),
        ("UPDATE obstacle SET id = 9 WHERE id = 1", "kept"),
        ("UPDATE obstacle SET title = '改写' WHERE id = 2", "never changed"),
        ("UPDATE obstacle SET due_on = '2020-02-01' WHERE id = 1", "due_after_it_was_raised"),
        ("UPDATE obstacle SET title = '' WHERE id = 1", "says_what_is_difficult"),
        ("DELETE FROM obstacle WHERE id = 1", "never deleted"),
        ("DELETE FROM obstacle_commitment WHERE obstacle_id = 2", "never changed"),
        ("INSERT INTO obstacle_commitment (obstacle_id, commitment_id) VALUES (2, 1)", "never changed"),
        ("UPDATE obstacle_commitment SET obstacle_id = 2 WHERE obstacle_id = 1", "never changed"),
        ("UPDATE obstacle_closing SET closed_on = '2020-07-06'", "written once"),
        ("DELETE FROM obstacle_closing", "written once"),
        (RAISE.format(**{**SAID, "day": "2999-01-01"}), "not after it was written down"),
        (RAISE.format(**{**SAID, "day": "1948-01-01"}), "1949-10-01"),
        (RAISE.format(**{**SAID, "due": "DATE '2020-02-01'"}).replace("DATE ", ""), "due_after_it_was_raised"),
    ],
)  # fmt: skip
def test_an_obstacle_is_never_rewritten_by_raw_sql(kept: Engine, statement: str, said: str) -> None:
    assert said in denied(kept, statement)


def test_what_is_open_can_still_be_edited(kept: Engine) -> None:
    with db.writing(kept, actor=ANALYST) as session:
        row = session.get_one(Obstacle, 1)
        row.commitments, row.remedy, row.due_on = [], "银企对接", date(2020, 9, 30)
    with db.reading(kept) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert event.changes["due_on"] == ["2020-06-30", "2020-09-30"]


# Policies


def policy(session: Session, **said: object) -> PolicyDocument:
    """A line of the policy list of 郴州."""
    tied = commitment(session, CODE)
    row = PolicyDocument(**{"title": "惠企二十条", "jurisdiction": tied.jurisdiction, "commitments": [tied], **said})
    session.add(row)
    session.flush()
    return row


@pytest.mark.parametrize(
    ("begins", "ends", "validity"),
    [
        (None, None, Validity.NOT_STATED),
        (date(2020, 2, 1), date(2020, 12, 31), Validity.IN_FORCE),
        (date(2020, 2, 1), None, Validity.IN_FORCE),
        (None, date(2020, 6, 30), Validity.IN_FORCE),
        (date(2020, 7, 1), None, Validity.NOT_YET),
        (date(2020, 2, 1), date(2020, 6, 29), Validity.EXPIRED),
    ],
)
def test_a_policy_list_says_what_is_in_force_on_a_day(
    desk: Session, begins: date | None, ends: date | None, validity: Validity
) -> None:
    made = policy(desk, valid_from=begins, valid_to=ends)
    day = Cutoff(as_of=date(2020, 6, 30))
    found = {row["id"]: row for row in lists.lines(desk, PolicyFilter("431000", day))}
    assert (made.id in found) == (validity in {Validity.IN_FORCE, Validity.NOT_STATED})
    if made.id in found:
        assert found[made.id]["validity"] is validity
        assert found[made.id]["commitments"] == [CODE]
    assert made.id in {row["id"] for row in lists.lines(desk, PolicyFilter("431000"))}
    assert made.id not in {row["id"] for row in lists.lines(desk, PolicyFilter("421000"))}


def test_a_policy_list_is_read_as_it_was_written_down_by_any_day(desk: Session) -> None:
    today = datetime.now(UTC).date()
    rows = {
        day: list(lists.lines(desk, PolicyFilter(cutoff=Cutoff(recorded_by=day)))) for day in (today, date(2020, 1, 1))
    }
    assert [len(found) for found in rows.values()] == [3, 0]


# On the command line


def test_an_obstacle_is_raised_listed_shown_and_closed(run: Run) -> None:
    raised = ["--raised-on", "2020-03-01", "--due-on", "2020-06-30", "--commitment", CODE.lower(), "--analyst", "李明"]
    made = run("obstacle", "add", "--city", "郴州", "--title", "融资难", "--category", "融资", *raised)
    assert (made.code, made.err) == (0, "")
    assert "逾期未销号 Overdue" in run("obstacle", "list", "--city", "chenzhou", "--open", "--as-of", "2020-07-01").text
    assert "no obstacle" in run("obstacle", "list", "--overdue", "--as-of", "2020-06-30").text
    closed = ["--closed-on", "2020-07-05", "--evidence", PAGE, "--note", "贷款已到位"]
    assert "another analyst" in refused(run("obstacle", "close", "1", *closed, "--analyst", "李明"))
    assert run("obstacle", "close", "1", *closed, "--analyst", "王芳").code == 0
    row = run("obstacle", "list", "--format", "jsonl").records[0]
    assert (row["state"], row["closed_by"], row["evidence"], row["commitments"]) == ("closed", "王芳", PAGE, [CODE])
    assert "融资难 · 融资 Finance · 已销号 Closed 2020-07-05" in run("show", CODE).text
    assert run("verify").code == 0


def test_policies_are_listed_by_city_and_shown_with_their_commitments(run: Run) -> None:
    rows = run("policies", "--city", "431000", "--as-of", "2020-06-30", "--format", "jsonl").records
    assert [(row["title"], row["commitments"]) for row in rows] == [("“72条”干货政策", ["CZ-2020-09.2"])]
    assert "“72条”干货政策 · 时限未载明 Validity not stated" in run("show", "CZ-2020-09.2").text
    assert run("policies", "--format", "csv").out.startswith(b"\xef\xbb\xbfid,city,")


ADD = ["obstacle", "add", "--city", "郴州", "--title", "融资难", "--category", "finance", "--raised-on", "2020-03-01"]
SHUT = ["obstacle", "close", "1", "--closed-on", "2020-07-05", "--evidence", PAGE, "--note", "x"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*ADD, "--category", "天气"], "finance 融资"),
        ([*ADD, "--unit", "没有的局"], "unit"),
        ([*ADD, "--city", "长沙"], "荆州 jingzhou 421000"),
        ([*ADD, "--commitment", "CZ-1"], "tracker list"),
        ([*ADD, "--commitment", "JZ-2020-01"], "own city"),
        ([*ADD, "--due-on", "2020-02-01"], "2020-03-01"),
        ([*ADD, "--analyst", "seed"], "--analyst"),
        (ADD[:-2], "--raised-on"),
        (SHUT, "tracker obstacle list"),
        (SHUT[:-2], "--note"),
        (["obstacle", "list", "--as-of", "20200101"], "2020-12-31"),
        (["policies", "--city", "长沙"], "荆州 jingzhou 421000"),
    ],
)
def test_a_mistake_gets_one_line_and_writes_nothing(run: Run, ledger: Engine, words: list[str], said: str) -> None:
    with Session(ledger) as session:
        before = session.scalar(select(func.max(AuditEvent.id)))
        assert said in refused(run(*words))
        assert session.scalar(select(func.max(AuditEvent.id))) == before


# At the desk and on the pages

NEW = f"/desk/obstacle/new/?commitment={CODE}"


@pytest.fixture
def somebody(opened: Callable[..., Flask], ledger: Engine, ledger_url: str) -> Somebody:
    """A browser in which a reader or one of two analysts is signed in."""
    with db.writing(ledger, actor="测试") as session:
        for name, role in {"reader": Role.READER, "raiser": Role.ANALYST, "closer": Role.ANALYST}.items():
            account(session, name, role)
    app = opened(ledger_url)
    return lambda name: signed_in(app, name)


def form(ledger: Engine, **changes: str) -> dict[str, str]:
    """What the form of an obstacle sends."""
    with db.reading(ledger) as session:
        place = commitment(session, CODE).jurisdiction_id
        category = session.scalars(select(Term.id).where(Term.name_zh == "用工")).one()
    said = {"jurisdiction": str(place), "category": str(category), "title": "节后缺工", "raised_on": "2020-03-01"}
    return {**said, "unit": "__None", "due_on": "2020-04-30", "commitments": CODE, **changes}


def test_an_obstacle_is_raised_from_its_commitment_and_closed_by_another_analyst(
    somebody: Callable[[str], FlaskClient], ledger: Engine
) -> None:
    raiser, closer = somebody("raiser"), somebody("closer")
    assert f'value="{CODE}"' in raiser.get(NEW).text
    answer = send(raiser, NEW, form(ledger))
    page, shut = answer.headers["Location"], "/desk/obstacle/close/?id=1"
    closing = {"closed_on": "2020-04-20", "note": "已招满", "evidence-url": PAGE}
    assert "不能自己销号" in raiser.get(page).text
    own = send(raiser, shut, closing, raiser.get("/desk/").text)
    assert (own.status_code, "不能自己销号" in own.text) == (422, True)
    early = send(closer, shut, {**closing, "closed_on": "2020-02-01", "evidence-url": ""})
    assert early.status_code == 422
    assert ("早于登记日期" in early.text, "销号须有依据" in early.text, "已招满" in early.text) == (True, True, True)
    assert send(closer, shut, closing).status_code == 302
    with db.reading(ledger) as session:
        made = session.scalars(select(ObstacleClosing)).one()
        assert (made.closed_by.name, made.obstacle.raised_by.name, made.note) == ("closer", "raiser", "已招满")
    assert "已招满" in closer.get(page).text
    assert closer.get("/desk/obstacle/edit/?id=1").status_code == 403
    assert "节后缺工" in closer.get(f"/desk/commitment/details/?code={CODE}").text


def test_an_obstacle_is_edited_within_the_rules_it_was_raised_under(
    somebody: Callable[[str], FlaskClient], ledger: Engine
) -> None:
    raiser = somebody("raiser")
    wrong = send(raiser, NEW, form(ledger, commitments="JZ-2020-01", due_on="2020-02-01"))
    assert send(raiser, NEW, form(ledger, category="__None")).text.count('class="error"') == 1
    assert ("不是郴州的承诺" in wrong.text, "办结期限 2020-02-01" in wrong.text) == (True, True)
    send(raiser, NEW, form(ledger))
    address = "/desk/obstacle/edit/?id=1"
    assert 'name="raised_on"' not in raiser.get(address).text
    assert "不是郴州的承诺" in send(raiser, address, form(ledger, commitments="JZ-2020-01")).text
    assert send(raiser, address, form(ledger, title="春节后缺工", raised_on="2020-01-01")).status_code == 302
    with db.reading(ledger) as session:
        row = session.get_one(Obstacle, 1)
        assert (row.title, row.raised_on) == ("春节后缺工", date(2020, 3, 1))


def test_the_lists_of_the_desk_narrow_by_city_and_state(somebody: Callable[[str], FlaskClient], ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        obstacle(session, title="融资难")
        close(session, obstacle(session, title="运输难"))
    reader = somebody("reader")
    for query, found in (("", 2), ("city=431000", 2), ("city=421000", 0), ("state=open", 1), ("state=closed", 1)):
        assert f"共 {found} 条" in reader.get(f"/desk/obstacle/?{query}").text, query
    assert "逾期未销号" in reader.get("/desk/obstacle/?state=overdue&search=融资").text
    assert reader.get("/desk/obstacle/?state=lost").status_code == 400
    assert "72条" not in reader.get("/desk/policydocument/?city=421000").text
    assert reader.get("/desk/obstacle/close/?id=1").status_code == reader.get(NEW).status_code == 403


def test_readers_see_the_lists_of_a_city_and_of_each_commitment(
    somebody: Callable[[str], FlaskClient], ledger: Engine
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        close(session, obstacle(session, title="融资<难>"))
        policy(session, number="郴政发〔2020〕3号", url=PAGE, contact="0735-1234567", valid_to=date(2020, 12, 31))
    client = somebody("reader")
    page = client.get("/cities/chenzhou").text
    article = client.get(f"/commitments/{CODE}").text
    for shown in ("融资&lt;难&gt;", "已销号", "惠企二十条"):
        assert shown in article
    for shown in (
        "政策清单",
        "郴政发〔2020〕3号",
        "0735-1234567",
        "问题台账",
        "贷款已到位",
        f'href="/commitments/{CODE}"',
        f'href="{PAGE}"',
    ):
        assert shown in page
    earlier = client.get("/cities/chenzhou?as_of=2020-03-15").text
    assert ("未销号" in earlier, "贷款已到位" in earlier) == (True, False)
    assert "问题台账" not in client.get("/cities/jingzhou").text
    assert ANALYST not in page
