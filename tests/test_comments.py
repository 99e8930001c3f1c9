"""What colleagues say to each other about a commitment, and who gets to see it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from following import ANALYST, commitment
from test_desk import queries_of
from tracker import db
from tracker.admin.comments import said
from tracker.codebook import Role
from tracker.comments import LONGEST, remark
from tracker.models import Comment, CommentMention, User
from visiting import Somebody, account, count, hidden

CODE = "CZ-2020-05.3"
OF, ADD = f"/desk/comments/of/?code={CODE}", f"/desk/comments/add?code={CODE}"


def write(client: FlaskClient, text: str, back: str = "") -> tuple[int, str]:
    """Add a comment as the form does; returns status, and the address that is gone to or the page."""
    token = hidden(client.get(OF).text, "csrf_token")
    answer = client.post(ADD + back, data={"csrf_token": token, "text": text})
    return answer.status_code, answer.headers.get("Location") or answer.text


def say(ledger: Engine, text: str, code: str = CODE, author: str = "某管理员") -> None:
    """A comment that somebody wrote."""
    with db.writing(ledger, actor=ANALYST) as session:
        writer = session.scalars(select(User).where(User.name == author)).one()
        remark(session, commitment(session, code), text, author=writer)


def test_a_comment_stands_under_its_commitment_with_its_author(analyst: FlaskClient) -> None:
    assert write(analyst, "请看\n第二行") == (302, f"/desk/commitment/details/?code={CODE}#comment-1")
    page = analyst.get(OF).text
    assert "请看\n第二行" in page
    assert "<strong>某分析员</strong>" in page
    assert 'id="comment-1"' in analyst.get(f"/desk/commitment/details/?code={CODE}").text
    assert "请看" not in analyst.get("/desk/comments/of/?code=CZ-2020-05.4").text


def test_from_the_page_of_comments_one_stays_there(analyst: FlaskClient) -> None:
    assert write(analyst, "请看", "&back=of") == (302, f"{OF}#comment-1")


def test_what_is_written_is_text_and_nothing_else(analyst: FlaskClient) -> None:
    write(analyst, "<b>粗</b><script>alert(1)</script> javascript:alert(1)")
    page = analyst.get(OF).text
    assert "&lt;b&gt;粗&lt;/b&gt;&lt;script&gt;" in page
    assert "<script>" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("见 https://example.org/a?b=1&c=2。", ["https://example.org/a?b=1&c=2"]),
        ("（http://example.org/a），另见https://example.org/b.", ["http://example.org/a", "https://example.org/b"]),
        ('"https://example.org/x" onmouseover="y', ["https://example.org/x"]),
        ("javascript:alert(1) ftp://example.org data:text/html,x https:// http://。", []),
    ],
)
def test_only_web_addresses_become_links(desk: Session, app: Flask, text: str, addresses: list[str]) -> None:
    made = remark(desk, commitment(desk, CODE), text, author=account(desk, "作者", Role.ANALYST))
    with app.test_request_context():
        parts = said(made).parts
    assert [part.href for part in parts if part.outside] == addresses
    assert "".join(part.text for part in parts) == text


def test_a_mention_leads_to_the_comments_that_mention_that_person(
    analyst: FlaskClient, somebody: Somebody, ledger: Engine
) -> None:
    write(analyst, "@某复核员 请看。@某人 不在。")
    with db.reading(ledger) as session:
        mentioned = session.scalars(select(CommentMention.user_id)).one()
    page = analyst.get(OF).text
    assert f'href="/desk/comments/?person={mentioned}" class="mention">@某复核员</a> 请看。@某人 不在。' in page
    assert "请看" in analyst.get(f"/desk/comments/?person={mentioned}").text
    assert "请看" in somebody("reviewer").get("/desk/comments/").text
    assert "请看" in somebody("reviewer").get("/desk/").text
    assert "请看" not in analyst.get("/desk/comments/").text
    assert "请看" in analyst.get("/desk/comments/?which=all").text


def test_the_latest_come_first_and_the_rest_on_the_next_page(analyst: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        writer = session.scalars(select(User).where(User.name == "某管理员")).one()
        for number in range(52):
            remark(session, commitment(session, CODE), f"第{number}条 @某分析员", author=writer)
    first, second = (analyst.get(f"/desk/comments/{asked}").text for asked in ("", "?before=3"))
    assert first.index("第51条") < first.index("第2条")
    assert "第1条" not in first
    assert "?before=3" in first
    assert second.index("第1条") < second.index("第0条")
    assert "第2条" not in second


@pytest.mark.parametrize("text", ["", "  \n ", "长" * (LONGEST + 1)])
def test_a_comment_that_says_nothing_or_too_much_is_refused_and_kept_in_the_form(
    analyst: FlaskClient, ledger: Engine, text: str
) -> None:
    status, page = write(analyst, text)
    assert status == 422
    assert f"至多 {LONGEST} 个字符" in page
    assert text.strip() in page
    assert 'aria-invalid="true"' in page
    assert count(ledger, Comment) == 0


def test_a_reader_reads_comments_and_writes_none(somebody: Somebody, app: Flask, ledger: Engine) -> None:
    assert app
    say(ledger, "请看")
    reader = somebody("reader")
    assert "请看" in reader.get(OF).text
    assert "<textarea" not in reader.get(OF).text
    token = hidden(reader.get("/desk/").text, "csrf_token")
    assert reader.post(ADD, data={"csrf_token": token, "text": "我也说"}).status_code == 403
    assert count(ledger, Comment) == 1


def test_the_public_never_sees_a_comment(app: Flask, ledger: Engine) -> None:
    say(ledger, "内部的话")
    client = app.test_client()
    for address in ("/", "/cities/chenzhou"):
        assert "内部的话" not in client.get(address).text
    assert client.get(OF).status_code == 302


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/desk/comments/of/?code=CZ-1", 404),
        ("/desk/comments/of/", 404),
        ("/desk/comments/?person=999", 404),
        ("/desk/comments/?person=x", 400),
        ("/desk/comments/?which=mine", 400),
        ("/desk/comments/?before=x", 400),
        ("/desk/comments/add", 405),
    ],
)
def test_what_is_not_there_or_not_understood_is_said(analyst: FlaskClient, address: str, status: int) -> None:
    assert analyst.get(address).status_code == status


def test_a_discussion_costs_the_same_queries_however_long(app: Flask, analyst: FlaskClient, ledger: Engine) -> None:
    assert app
    say(ledger, "@某分析员 一")
    short = queries_of(analyst, OF)
    for text in ("二", "@某复核员 @某分析员 三", "四"):
        say(ledger, text, author="某复核员")
    assert queries_of(analyst, OF) == short <= 5
    assert queries_of(analyst, "/desk/comments/?which=all") <= 2
