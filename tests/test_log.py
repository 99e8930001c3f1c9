"""The log of the whole ledger: who changed what and when, in words, narrowed and paged without counting."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from following import coded_again, commitment, record
from test_desk import queries_of
from tracker import db
from tracker.admin import labels
from tracker.codebook import Execution
from tracker.models import AuditEvent, Base, Commitment, PolicyDocument
from visiting import Somebody, count

CODE = "CZ-2020-05.3"
LOG = "/desk/auditevent/"


def entries(page: str) -> list[str]:
    """The numbers of the entries that a page tells, in its order."""
    return list(dict.fromkeys(re.findall(r'href="/desk/auditevent/details/\?id=(\d+)"', page)))


@pytest.fixture
def changed(ledger: Engine) -> Commitment:
    """A commitment that 王芳 renamed and took out from under its head."""
    with db.writing(ledger, actor="王芳") as session:
        row = commitment(session, CODE)
        row.title_zh, row.parent_id = "改过的名", None
        return row


def test_a_change_is_told_with_who_what_and_both_values_in_words(analyst: FlaskClient, changed: Commitment) -> None:
    page = analyst.get(f"{LOG}?actor=王芳").text
    assert len(entries(page)) == 1
    assert "<ins>改过的名</ins>" in page
    assert re.search(r"<strong>上级</strong>：<del>CZ-2020-05 [^<]+</del> → <ins>（空）</ins>", page)
    assert f'<a href="/desk/commitment/details/?id={changed.id}">{CODE} 改过的名</a>' in page
    assert "版本" not in page


def test_a_tie_is_told_as_removed_and_added(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="王芳") as session:
        policy = session.scalars(select(PolicyDocument)).first()
        assert policy is not None
        policy.commitments = [commitment(session, CODE)]
    assert re.search(rf"加上 <ins>{CODE} ", analyst.get(f"{LOG}?actor=王芳").text)
    assert f"added <ins>{CODE}</ins>" in analyst.get(f"{LOG}?actor=王芳&lang=en").text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("actor=王芳", 1),
        ("actor=没有这个人", 0),
        ("action=update&table=commitment", 1),
        ("action=delete", 0),
        ("actor=王芳&from=2999-01-01", 0),
        ("actor=王芳&to=2020-01-01", 0),
        ("table=commitment&row=999999", 0),
    ],
)
def test_the_log_is_narrowed_by_person_table_action_day_and_row(
    asked: str, found: int, analyst: FlaskClient, changed: Commitment
) -> None:
    assert changed.id
    assert len(entries(analyst.get(f"{LOG}?{asked}").text)) == found


def test_one_row_tells_all_that_was_done_to_it(analyst: FlaskClient, changed: Commitment) -> None:
    page = analyst.get(f"{LOG}?table=commitment&row={changed.id}").text
    assert len(entries(page)) == 2
    today = date.today().isoformat()  # noqa: DTZ011 - the day of whoever sits at the desk
    assert entries(analyst.get(f"{LOG}?table=commitment&row={changed.id}&from={today}&to={today}").text)


def test_every_entry_comes_once_the_latest_first(admin: FlaskClient, ledger: Engine) -> None:
    shown: list[str] = []
    address = f"{LOG}?"
    while address:
        page = admin.get(address).text
        assert not set(shown) & set(entries(page))
        shown += entries(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = urljoin(LOG, older[1].replace("&amp;", "&")) if older else ""
    assert shown == sorted(set(shown), key=int, reverse=True)
    assert len(shown) == count(ledger, AuditEvent)
    assert entries(admin.get(f"{LOG}?before=").text) == shown[:50]


def test_rows_that_were_added_at_once_are_one_line(analyst: FlaskClient) -> None:
    page = analyst.get(f"{LOG}?table=commitment_term").text
    assert re.search(r"<summary>新增“承诺标签” 50 行</summary>", page)
    assert "承诺标签 № " in page


def test_the_file_holds_the_same_entries_and_no_formula(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="王芳") as session:
        commitment(session, CODE).title_zh = "=HYPERLINK(1)"
    answer = analyst.get(f"{LOG}?actor=王芳&format=csv")
    assert answer.mimetype == "text/csv"
    heads, line = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert dict(zip(heads, line, strict=True))["署名"] == "王芳"
    assert line[-1] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    "asked",
    ["colour=red", "table=nothing", "action=x", "from=x", "before=x", "row=1", "table=term&row=x", "format=xml"],
)
def test_what_is_not_understood_is_refused(asked: str, analyst: FlaskClient) -> None:
    assert analyst.get(f"{LOG}?{asked}").status_code == 400


def test_only_administrators_see_or_ask_for_changes_of_accounts(analyst: FlaskClient, admin: FlaskClient) -> None:
    assert "example.org" in admin.get(f"{LOG}?table=user").text
    assert analyst.get(f"{LOG}?table=user").status_code == 400
    assert "@example.org" not in analyst.get(LOG).text + analyst.get(f"{LOG}?format=csv").text


def test_the_log_does_not_tell_a_second_coding_before_it_is_decided(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="王芳") as session:
        coded_again(session)
    page = analyst.get(f"{LOG}?table=coding_reading").text
    assert len(entries(page)) == 1
    assert "拟办" not in page
    assert "planned" not in page


def test_no_column_is_told_by_its_key() -> None:
    """Names of columns are words in Chinese, but for what has one name in both languages."""
    ties = {"obstacle_commitment", "policy_document_commitment"}
    derived = {"current_standing", "standing_count", "day_count", "author_count", "searched_text"}
    columns = [(name, column.name) for name, table in Base.metadata.tables.items() for column in table.columns]
    assert [told for told in columns if told[0] not in ties | derived and labels.of(*told) == told[1]] == []


def test_a_page_of_the_log_costs_at_most_eight_queries(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor="王芳") as session:
        for code in (CODE, "CZ-2020-01.1"):
            record(session, code, Execution.IN_PROGRESS)
        coded_again(session)
    assert queries_of(analyst, LOG) == queries_of(analyst, f"{LOG}?before=1000") <= 8


def test_a_reader_sees_the_log_and_takes_nothing_back(
    somebody: Somebody, analyst: FlaskClient, changed: Commitment
) -> None:
    assert changed.id
    (number,) = entries(analyst.get(f"{LOG}?actor=王芳").text)
    reader = somebody("reader")
    assert "改过的名" in reader.get(f"{LOG}?actor=王芳").text
    assert "撤回这次修改" not in reader.get(f"{LOG}?actor=王芳").text
    assert reader.get(f"{LOG}take-back/?id={number}").status_code == 403
    assert reader.post(f"{LOG}take-back/?id={number}").status_code in {400, 403}
