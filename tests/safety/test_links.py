"""Only what a browser opens over http or https is stored as a link, by whatever way it comes."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tracker import db
from tracker.cli import tracker
from tracker.models import Evidence, PolicyDocument
from tracker.rules import is_web_address
from visiting import count, send

#: Sixty spellings of what is no link, or is one to a browser that drops and mends.
NO_LINKS = [
    *(f"{scheme}alert(1)" for scheme in (
        "javascript:", "JavaScript:", "JAVASCRIPT:", "javascript://%0a", "javascript:\n", "java\tscript:", "java\nscript:",
        "java\rscript:", " javascript:", "\tjavascript:", "\njavascript:", "\x01javascript:", "\x0cjavascript:",
        "\u00a0javascript:", "\u200bjavascript:", "\ufeffjavascript:", "javascript\t:", "javascript&colon;",
        "&#106;avascript:", "&#x6A;avascript:", "%6aavascript:", "jav&#x09;ascript:", "java\u2028script:", "ｊavascript:",
        "javascript：", "vbscript:", "VBScript:", "vb\tscript:", "livescript:", "mocha:", "jar:javascript:",
        "view-source:javascript:", "feed:javascript:", "feed:feed:javascript:", "x:javascript:", "//javascript:",
    )),
    "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "DATA:text/html,x",
    "data:image/svg+xml,<svg onload=alert(1)>", "data:,x", " data:text/html,x", "da\tta:text/html,x",
    "blob:https://example.org/1", "filesystem:https://example.org/x", "file:///etc/passwd", "file://server/share",
    "ftp://example.org/x", "gopher://example.org", "ws://example.org", "wss://example.org", "mailto:a@example.org",
    "tel:110", "about:blank", "chrome://settings", "intent://x#Intent;end", "ms-word:ofe|u|https://example.org",
    "//evil.example", "/desk/", "evil.example", "http:evil.example", "http:/evil.example", "https:\\\\evil.example",
    "http\t://evil.example", "ht\ntp://evil.example", " http://evil.example", "http://evil.example/a b",
    "http://evil.example/\ta", "http://evil.example/\x7f", "httpx://evil.example",
]  # fmt: skip

#: Links, as they are.
LINKS = [
    "http://example.org",
    "https://www.czs.gov.cn/a/b?c=d&e=%20#f",
    "https://例子.中国/新闻",
    "http://[::1]:8000/x",
]


def test_W3_there_are_enough_of_them() -> None:
    assert len(set(NO_LINKS)) >= 60


def test_W3_no_spelling_is_taken_for_a_link_and_links_are() -> None:
    assert [url for url in NO_LINKS if is_web_address(url)] == []
    assert [url for url in LINKS if not is_web_address(url)] == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_W3_no_form_stores_one(app: Flask, analyst: FlaskClient) -> None:
    ledger: Engine = app.extensions["engine"]
    policy, page = "/desk/policydocument/new/", "/desk/commitment/record/?code=CZ-2020-01"
    lists, record = analyst.get(policy).text, analyst.get(page).text
    policies, evidence = count(ledger, PolicyDocument), count(ledger, Evidence)
    found = {
        "execution": "in_progress",
        "effective_on": "2020-12-31",
        "reviewed_up_to": "2021-01-31",
        "summary": "已动工",
    }
    for url in NO_LINKS:
        # What a form cuts off at both ends is judged without it.
        if not is_web_address(url.strip()):
            send(analyst, policy, {"jurisdiction": "1", "title": "措施", "url": url}, lists)
            send(analyst, page, {**found, "evidence-0-url": url, "evidence-0-reports": "start"}, record)
    assert (count(ledger, PolicyDocument), count(ledger, Evidence)) == (policies, evidence)
    send(analyst, page, {**found, "evidence-0-url": LINKS[1], "evidence-0-reports": "start"}, record)
    assert count(ledger, Evidence) == evidence + 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "java\tscript:alert(1)", "//evil.example"])
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_W3_no_command_stores_one(ledger: Engine, ledger_url: str, url: str) -> None:
    evidence = count(ledger, Evidence)
    told = ["--effective-on", "2020-12-31", "--reviewed-up-to", "2021-01-31", "--summary", "已动工"]
    ran = CliRunner().invoke(
        tracker,
        ["--database", ledger_url, "record", "CZ-2020-01", "in_progress", *told, "--evidence", url],
    )
    assert ran.exit_code
    assert count(ledger, Evidence) == evidence


#: Statements that put an address where pages take it from; what else they need is there.
STATEMENTS = {
    "evidence": "INSERT INTO evidence (url) VALUES (:url)",
    "policy": "INSERT INTO policy_document (jurisdiction_id, title, url) SELECT min(id), :url, :url FROM jurisdiction",
    "edited policy": "UPDATE policy_document SET url = :url",
    "scheme": "UPDATE scheme SET source_url = :url",
}


def refused(connection: Connection, statement: str, url: str) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(text(statement), {"url": url})
    except DBAPIError:
        return True
    return False


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_W3_the_database_stores_none(ledger: Engine, statement: str) -> None:
    with ledger.connect().execution_options(**db.WRITES) as connection, connection.begin() as transaction:
        stored = [url for url in NO_LINKS if not refused(connection, statement, url)]
        kept = [url for url in LINKS if refused(connection, statement, url)]
        transaction.rollback()
    assert (stored, kept) == ([], [])
