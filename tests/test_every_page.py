"""What holds for every page there is: it opens, it is listed, and it is in one language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from addresses import DESK, NO_PAGES, PAGES
from following import ANALYST, close, coded_again, commitment, follow_through, obstacle, record
from test_importing import TABLE
from tracker import audit, db, reliability, seed, uploads
from tracker.codebook import CodedField, Execution, Role
from tracker.comments import remark
from visiting import account, signed_in

_VOID = {"meta", "link", "input", "br", "rect", "path", "hr", "img", "line", "circle", "wbr", "col"}
_SPOKEN = ("title", "aria-label", "placeholder", "alt", "content")
_ENGLISH = re.compile(r"[A-Za-z][a-z]+(?:[ ,]+[a-z]{2,}){2,}")
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")


class Text(HTMLParser):
    """What a page says by itself: text and spoken attributes that are not marked as in another language, nor code."""

    def __init__(self, html: str, language: str) -> None:
        super().__init__()
        self.language = language
        self.open: list[tuple[str, bool]] = []
        self.said: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        ours = self.open[-1][1] if self.open else True
        if given.get("lang"):
            ours = str(given["lang"]).startswith(self.language)
        if tag in {"code", "kbd", "script", "style", "textarea", "title", "option"}:
            ours = False  # code, or what takes no mark inside
        if ours and given.get("name") != "viewport":
            self.said += [value for name in _SPOKEN if (value := given.get(name))]
        if tag not in _VOID:
            self.open.append((tag, ours))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop()[0] == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][1] and data.strip():
            self.said.append(data.strip())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Both interviews with all that was found since, and a row of every other kind."""
    engine = db.connect(f"sqlite:///{tmp_path_factory.mktemp('whole') / 'tracker.db'}")
    db.upgrade(engine)
    with db.writing(engine, actor=ANALYST) as session:
        seed.load(session, Path(seed.folder()))
        follow_through(session, record(session, "CZ-2020-01.1", Execution.IN_PROGRESS))
        obstacle(session)
        close(session, obstacle(session))
        second = coded_again(session).coder
        drawn = reliability.draw(
            session, "两项", size=2, fields={CodedField.TENSE}, seed=2, drawn_by=audit.signer(session, ANALYST)
        )
        reliability.code(session, drawn.items[0], "planned", coder=second)
        admin = account(session, "李明", Role.ADMIN)
        remark(session, commitment(session, "CZ-2020-01.1"), "@李明 请看依据", author=admin)
        uploads.keep(session, admin.id, "衡阳.csv", TABLE.encode(), "utf-8")
    yield engine
    engine.dispose()


@pytest.fixture
def everywhere(opened: Callable[..., Flask], whole: Engine) -> Flask:
    return opened(whole.url.render_as_string(hide_password=False), setup_token="key")


def pages(app: Flask, language: str) -> Iterator[tuple[str, str]]:
    """Every page as its visitor sees it: address and text."""
    desk, reader = signed_in(app, "李明", language), app.test_client()
    reader.set_cookie("lang", language)
    for client, listed in ((reader, PAGES), (desk, DESK)):
        for address in [address for addresses in listed.values() for address in addresses]:
            if address == "/setup/key":
                continue
            answer = client.get(address)
            assert (address, answer.status_code) == (address, 200)
            yield address, answer.text


def test_every_page_has_an_address_that_is_tried(everywhere: Flask) -> None:
    rules = [rule for rule in everywhere.url_map.iter_rules() if "GET" in (rule.methods or ())]
    closed = {rule.endpoint for rule in rules if is_closed(rule.endpoint, everywhere)}
    assert {rule.endpoint for rule in rules} - closed == {*PAGES, *DESK, *NO_PAGES}


def is_closed(endpoint: str, app: Flask) -> bool:
    """Whether a route of Flask-Admin opens to nobody."""
    blueprint, _, name = endpoint.partition(".")
    view = next((view for view in app.extensions["admin"][0]._views if view.endpoint == blueprint), None)
    return view is not None and name not in view.opens


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_in_one_language(everywhere: Flask, language: str) -> None:
    foreign = _ENGLISH if language == "zh" else _CHINESE
    found = {
        (address, words[:80])
        for address, page in pages(everywhere, language)
        for words in Text(page, language).said
        if foreign.search(words) and words not in {"English", "中文"}
    }

    assert sorted(found) == []
