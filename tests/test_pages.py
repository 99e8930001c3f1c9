"""What readers see: every commitment with its words, in both languages, and plain answers to wrong questions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

import tracker
from following import ANALYST, FOUND, commitment, record
from tracker import accounts, db, passwords, tallies
from tracker.codebook import EvidenceRelation, EvidenceReports, Execution, Kind, PublicationState, Role, Timeliness
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.records import Record, records

KEY, PASSWORD = "key", "correct horse battery staple"
CITIES = {"chenzhou": "431000", "jingzhou": "421000"}
PAGES = [
    "/",
    "/cities/chenzhou",
    "/cities/jingzhou",
    "/cities/chenzhou?search=园区",
    "/cities/chenzhou?per=all&kind=investment_priority&status=not_reviewed",
    "/commitments?page=2",
    "/commitments?search=月球",
    "/kinds/pro_business_measure",
    "/sectors/big-data",
    "/terms/policy-area/consumption",
    "/method",
    "/codebook",
    "/cities/x",
    "/sign-in",
    "/setup/key",
]

_VOID = {"meta", "link", "input", "br", "rect", "path", "hr", "img"}
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


class Page(HTMLParser):
    """An answer as a reader meets it: its text, with and without what is marked as Chinese, and its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = self.unmarked = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            language = dict(attrs).get("lang")
            inherited = self.open[-1][1] if self.open else False
            self.open.append((tag, language.startswith("zh") if language else inherited))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop()[0] == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.text += data
        if not self.open[-1][1] if self.open else True:
            self.unmarked += data

    def every(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.elements if (value := attrs.get(attribute)) is not None]

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture
def browse(opened: Callable[..., Flask]) -> Callable[[Engine | Connection], FlaskClient]:
    """Opens a browser on a ledger."""

    def browse(ledger: Engine | Connection) -> FlaskClient:
        return opened(ledger.engine.url.render_as_string(hide_password=False), setup_token=KEY).test_client()

    return browse


@pytest.fixture
def reader(browse: Callable[..., FlaskClient], desk: Session) -> FlaskClient:
    """Somebody with a browser in Chinese, who has no account and looks at the ledger as seeded."""
    return browse(desk.get_bind())


@pytest.fixture
def follower(browse: Callable[..., FlaskClient], ledger: Engine) -> FlaskClient:
    """Somebody who looks at a ledger of the test's own."""
    return browse(ledger)


def of_city(session: Session, code: str) -> list[Record]:
    return list(records(session, CommitmentFilter(cities=(code,))))


def read(reader: FlaskClient, address: str, status: int = 200) -> Page:
    answer = reader.get(address)
    assert answer.status_code == status, answer.text
    return Page(answer.text)


def test_the_front_page_counts_each_city_as_the_database_does(reader: FlaskClient, desk: Session) -> None:
    front = reader.get("/").text
    for kind in Kind:
        cells = re.search(rf'<th scope="row">{kind.zh}</th>(.*?)</tr>', front, re.DOTALL)
        shown = [int(n) for n in re.findall(r'class="number"[^>]*>(\d+)', cells[1])] if cells else [0, 0]
        counted = [
            sum(row["kind"] is kind and (row["is_leaf"] or row["stands_alone"]) for row in of_city(desk, code))
            for code in CITIES.values()
        ]
        assert shown == counted, kind
    assert "刘志仁" in front
    assert "崔永辉" in front
    assert "《中国企业报》" in front


def test_the_front_page_says_how_many_are_reviewed_and_of_what(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.IN_PROGRESS)
        of = {row.city_code: row.of for row in session.execute(tallies.tally("kind", CommitmentFilter()))}
    front = " ".join(read(follower, "/?lang=en").text.split())
    for_whom = "(of: parts, and heads that promise something no part covers)"
    judged = "; 0 approved by a second person, 1 provisional"
    assert f"Reviewed: 1 of {of['431000']}{judged} {for_whom}" in front
    assert f"Reviewed: 0 of {of['421000']} {for_whom}" in front


def test_the_front_page_says_what_not_reviewed_means_and_that_nobody_is_ranked(reader: FlaskClient) -> None:
    assert "“Not reviewed” means that nobody has looked yet" in read(reader, "/?lang=en").text
    front = read(reader, "/?lang=zh").text
    assert "不给官员排名，不打分" in front
    assert "这里没有的：不给官员排名，没有脱离分母的分数，没有由程序得出的判断：" in front


@pytest.mark.parametrize("slug", CITIES)
def test_every_commitment_stands_on_the_page_of_its_city_with_its_words(
    reader: FlaskClient, desk: Session, slug: str
) -> None:
    html = reader.get(f"/cities/{slug}?per=all").text
    page, articles = (
        Page(html),
        dict(re.findall(r'<article class="[^"]*" id="([^"]+)"(.*?)</article>', html, re.DOTALL)),
    )
    rows = of_city(desk, CITIES[slug])
    assert list(articles) == [row["code"] for row in rows]
    for row in rows:
        said = Page(f"<article{articles[row['code']]}</article>").text
        assert row["title_zh"] in said
        assert row["execution"].zh in said or not row["is_leaf"]
        assert row["quote"] in page.text
        if row["focus"]:
            assert f"<mark>{row['focus']}</mark>" in articles[row["code"]]
        if row["deadline_text"]:
            assert row["window_end"].isoformat() in said
            assert ("（推定）" in said) == row["deadline_is_convention"]


def test_a_question_that_lost_its_first_line_says_so(reader: FlaskClient, desk: Session) -> None:
    questions = {row["question"]: row["question_head_missing"] for row in of_city(desk, "431000")}
    page = read(reader, "/cities/chenzhou?per=all")
    assert any(questions.values())
    assert all(question in page.text for question in questions)
    assert page.text.count("版面缺了提问的第一行") == sum(questions.values())


def test_a_follow_up_shows_its_status_and_what_was_found_in_one_line(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.IN_PROGRESS, summary="已有<直播>录像")
    article = follower.get("/cities/chenzhou").text.split('id="CZ-2020-01.1"')[1].split("</article>")[0]
    assert '<span class="status status-in_progress">推进中</span>' in article
    assert "已有&lt;直播&gt;录像" in article
    assert "2020-12-31" in article
    assert "暂定" in article


def test_sources_that_disagree_are_both_shown(follower: FlaskClient, ledger: Engine) -> None:
    built = Source("https://example.org/built", reports=EvidenceReports.START, title="开工<了>")
    idle = Source("https://example.org/idle", relation=EvidenceRelation.CONTRADICTS)
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.IN_PROGRESS, evidence=(idle, built))
    article = follower.get("/cities/chenzhou").text.split('id="CZ-2020-01.1"')[1].split("</article>")[0]
    assert "有争议" in article
    whole = follower.get("/commitments/CZ-2020-01.1").text
    assert '<a href="https://example.org/built" rel="nofollow noopener noreferrer">开工&lt;了&gt;</a>' in whole
    assert "https://example.org/idle" in whole
    assert "example.org" not in follower.get("/commitments/CZ-2020-01.1?as_of=2020-12-30").text


def test_a_page_shows_the_evidence_that_stood_on_the_day(follower: FlaskClient, ledger: Engine) -> None:
    later = date(2021, 3, 1)
    with db.writing(ledger, ANALYST) as session:
        for url, day in (("https://example.org/begun", FOUND["effective_on"]), ("https://example.org/done", later)):
            source = Source(url, reports=EvidenceReports.DELIVERY)
            record(
                session,
                "CZ-2020-01.1",
                Execution.IN_PROGRESS,
                evidence=(source,),
                effective_on=day,
                reviewed_up_to=later,
            )
    for asked, shown, hidden in (("", "done", "begun"), ("?as_of=2021-02-28", "begun", "done")):
        page = follower.get(f"/commitments/CZ-2020-01.1{asked}").text.split('id="since"')[0]
        assert f"https://example.org/{shown}" in page
        assert f"https://example.org/{hidden}" not in page


def test_a_page_looks_back_to_a_day(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.IN_PROGRESS)
    assert "status status-in_progress" in follower.get("/cities/chenzhou?as_of=2020-12-31").text
    before = follower.get("/cities/chenzhou?as_of=2020-12-30").text
    assert "status status-in_progress" not in before
    assert "所示为 2020-12-30 当天的情况" in before
    assert "status status-in_progress" not in follower.get("/?as_of=2020-12-30").text


def test_a_withdrawn_commitment_is_not_shown(follower: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        part = commitment(session, "CZ-2020-01.1")
        part.publication_state = PublicationState.WITHDRAWN
    assert 'id="CZ-2020-01.1"' not in follower.get("/cities/chenzhou").text


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("kind=pro_business_measure", lambda row: row["kind"] is Kind.PRO_BUSINESS_MEASURE),
        ("status=in_progress", lambda row: row["code"] == "CZ-2020-05.2"),
        ("search=CZ-2020-05.3", lambda row: row["code"] == "CZ-2020-05.3"),
        (
            "kind=investment_priority&kind=foreign_capital_response&timeliness=no_deadline",
            lambda row: (
                row["kind"] in {Kind.INVESTMENT_PRIORITY, Kind.FOREIGN_CAPITAL_RESPONSE}
                and row["timeliness"] is Timeliness.NO_DEADLINE
            ),
        ),
        ("kind=&status=&search=", lambda row: True),  # noqa: ARG005
    ],
)
def test_a_filter_shows_what_was_asked_for_under_its_heads(
    follower: FlaskClient, ledger: Engine, asked: str, wanted: Callable[[Record], bool]
) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, "CZ-2020-05.2", Execution.IN_PROGRESS)
        rows = [row for row in of_city(session, "431000") if wanted(row)]
    shown = set(
        re.findall(r'<article class="[^"]*" id="([^"]+)"', follower.get(f"/cities/chenzhou?per=all&{asked}").text)
    )
    assert shown == {row["code"] for row in rows} | {row["parent"] for row in rows if row["parent"]}


def test_a_search_that_finds_nothing_says_so(reader: FlaskClient) -> None:
    page = read(reader, "/cities/chenzhou?search=<b>月球")
    assert "没有符合条件的承诺。" in page.text
    assert "检索词“<b>月球”" in page.text
    assert page.count("article") == page.count("b") == 0


@pytest.mark.parametrize("name", ["431000", "郴州"])
def test_a_city_is_found_by_code_and_name(reader: FlaskClient, name: str) -> None:
    answer = reader.get(f"/cities/{name}?kind=pro_business_measure&name=x")
    assert (answer.status_code, answer.location) == (302, "/cities/chenzhou?kind=pro_business_measure&name=x")


@pytest.mark.parametrize("name", ["wuhan", "430000", "%00", "<script>"])
def test_an_unknown_city_answers_404_and_names_the_cities(reader: FlaskClient, name: str) -> None:
    page = read(reader, f"/cities/{name}", 404)
    assert {"/cities/chenzhou", "/cities/jingzhou"} <= set(page.every("href"))
    assert "script" not in {tag for tag, _ in page.elements}


@pytest.mark.parametrize("parameter", ["kind", "status", "timeliness"])
def test_an_unknown_value_answers_400_and_says_what_is_allowed(reader: FlaskClient, parameter: str) -> None:
    page = read(reader, f"/cities/chenzhou?{parameter}=nonsense", 400)
    assert "nonsense" in page.text
    for code in {"kind": Kind, "status": Execution, "timeliness": Timeliness}[parameter]:
        assert code.zh in page.text
        assert f"?{parameter}={code.value}" in page.every("href")


@pytest.mark.parametrize(
    "asked",
    [
        "as_of=gestern",
        "page=0",
        "page=x",
        "page=１",
        "per=50",
        "format=pdf",
        "as_of=0001-01-01",
        "recorded_by=9999-12-31",
        "search=%00",
        "search=" + "长" * 101,
    ],
)
def test_a_question_that_cannot_be_answered_answers_400(reader: FlaskClient, asked: str) -> None:
    page = read(reader, f"/cities/chenzhou?{asked}", 400)
    assert page.count("blockquote") == page.count("article") == 0


@pytest.mark.parametrize("address", PAGES)
def test_an_english_page_has_no_chinese_but_names_and_quotes(reader: FlaskClient, address: str) -> None:
    answer = reader.get(address, query_string=None, headers={"Accept-Language": "en"})
    page = Page(answer.text)
    assert ("html", {"lang": "en"}) in page.elements
    assert not _CHINESE.findall(page.unmarked)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_whole_and_holds_no_inline_style_or_script(reader: FlaskClient, address: str, language: str) -> None:
    page = Page(reader.get(address, headers={"Accept-Language": language}).text)
    assert not page.open
    assert page.count("h1") == page.count("main") == 1
    assert "style" not in {tag for tag, _ in page.elements}
    # Data for machines is never run.
    assert {attrs.get("type") for tag, attrs in page.elements if tag == "script"} <= {"application/ld+json"}
    assert not [name for _, attrs in page.elements for name in attrs if name == "style" or name.startswith("on")]
    ids = page.every("id")
    assert len(ids) == len(set(ids))
    assert set(page.every("for")) <= set(ids)
    assert set(page.every("aria-labelledby")) <= set(ids)


def test_every_link_of_a_page_leads_somewhere(reader: FlaskClient) -> None:
    @cache  # most pages link to the same places
    def anchors(place: str) -> set[str]:
        with reader.get(place) as answer:
            assert answer.status_code in {200, 302}, place
            return set(re.findall(r'id="([^"]+)"', answer.text)) if answer.mimetype == "text/html" else set()

    for address in PAGES:
        own = read(reader, address, 404 if address == "/cities/x" else 200)
        for href in set(own.every("href")):
            place, _, anchor = href.partition("#")
            here = not place or place.startswith("?")
            found = set(own.every("id")) if here else anchors(place)
            assert not anchor or anchor in found, (address, href)


def test_the_choice_of_a_language_is_kept(reader: FlaskClient) -> None:
    assert "?kind=pro_business_measure&lang=en" in read(reader, "/cities/chenzhou?kind=pro_business_measure").every(
        "href"
    )
    reader.get("/?lang=en")
    assert ("html", {"lang": "en"}) in read(reader, "/cities/chenzhou").elements


@pytest.mark.parametrize(("language", "said"), [("zh", "没有登录"), ("en", "You are not signed in")])
def test_a_refused_sign_in_says_so_in_the_language_of_the_page(reader: FlaskClient, language: str, said: str) -> None:
    reader.get(f"/sign-in?lang={language}")
    form = reader.get("/sign-in").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token
    answer = reader.post("/sign-in", data={"email": "a@b.cn", "password": "wrong", "csrf_token": token[1]})
    assert said in answer.text


def test_somebody_signs_in_and_goes_on_to_where_they_were_headed(follower: FlaskClient, ledger: Engine) -> None:
    with follower.application.app_context(), db.writing(ledger, ANALYST) as session:
        accounts.make_account(
            session, name="王", email="wang@example.org", password=passwords.kept(PASSWORD), role=Role.ANALYST
        )
    form = read(follower, "/sign-in?next=/cities/chenzhou")
    token = next(attrs["value"] for _, attrs in form.elements if attrs.get("name") == "csrf_token")
    action = next(attrs["action"] for tag, attrs in form.elements if tag == "form")
    data = {"email": "wang@example.org", "password": PASSWORD, "csrf_token": token}
    assert follower.post(str(action), data=data).location == "/cities/chenzhou"


def test_a_form_without_its_token_says_that_it_has_expired(reader: FlaskClient) -> None:
    answer = reader.post("/setup/key", data={"name": "王"})
    assert answer.status_code == 400
    assert "表单已过期" in answer.text


def test_a_first_account_that_is_not_filled_in_says_what_is_missing(reader: FlaskClient) -> None:
    token = next(
        attrs["value"] for _, attrs in read(reader, "/setup/key").elements if attrs.get("name") == "csrf_token"
    )
    page = Page(reader.post("/setup/key", data={"password": "short", "again": "shorter", "csrf_token": token}).text)
    assert "密码须为 15 到 128 个字符" in page.text
    assert "两次输入的密码不一致" in page.text
    assert page.every("aria-invalid") == ["true"] * 4
    assert set(" ".join(page.every("aria-describedby")).split()) <= set(page.every("id"))


def test_an_empty_ledger_has_a_front_page(browse: Callable[..., FlaskClient], engine: Engine) -> None:
    reader = browse(engine)
    assert "还没有收录任何承诺" in read(reader, "/").text
    read(reader, "/cities/chenzhou", 404)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_text_colour_can_be_read_in_light_and_dark() -> None:
    css = (Path(tracker.__file__).parent / "static" / "colours.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6})", part)) for part in css.split("@media"))
    for colours in (light, {**light, **dark}):
        texts = {"ink", "quiet", "link", "link-hover", "seal", "wrong"} | {f"status-{code.value}" for code in Execution}
        pairs = [(text, ground) for text in texts for ground in ("paper", "surface", "sunken")]
        pairs += [("on-seal", "seal"), ("on-focus", "focus"), ("on-mark", "mark")]
        assert not [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
