"""What changed as a feed: of exactly the commitments that an address asks for, to be asked for again and again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, commitment, follow_through, record, reviewer
from tracker import audit, db, news
from tracker.codebook import Attribution, DeadlineKind, Execution, PublicationState, Reason, Verdict
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.pages import feeds
from tracker.reviews import review
from tracker.schedules import revise_deadline

CODE = "CZ-2020-01.1"


@pytest.fixture
def reader(opened: Callable[..., Flask], ledger_url: str) -> FlaskClient:
    return opened(ledger_url).test_client()


def followed(reader: FlaskClient, address: str, language: str = "zh") -> Any:
    """The feed at an address as a feed reader takes it: well formed, and with no doubt about its kind."""
    answer = reader.get(address, query_string={"format": "atom", "lang": language} if "?" not in address else None)
    if "?" in address:
        answer = reader.get(f"{address}&format=atom&lang={language}")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    ElementTree.fromstring(answer.data)  # noqa: S314 - made by the product itself
    found = feedparser.parse(answer.data)
    assert (found.version, found.bozo) == ("atom10", False)
    assert len({entry.id for entry in found.entries}) == len(found.entries)
    return found


def titles(found: Any, word: str = "") -> list[str]:
    return [entry.title for entry in found.entries if word in entry.title]


def told(found: Any) -> list[str]:
    """What entries tell of, without what was published when the seed was loaded."""
    return [entry.tags[0].term for entry in found.entries if entry.tags[0].term != "published"]


def moved(session: Session, code: str, until: date = date(2021, 12, 31), **said: Any) -> None:
    """The deadline of a commitment set anew."""
    given = {"text": "2021年底前", "announced_on": date(2021, 1, 8), **said}
    revise_deadline(
        session, commitment(session, code), until=until, source=Source(PAGE), analyst=audit.signer(session, ANALYST),
        **given,
    )  # fmt: skip


def test_a_feed_of_a_city_holds_only_its_changes(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS)
        record(session, "JZ-2020-17.1", Execution.PLANNED)
    chenzhou, jingzhou = (followed(reader, f"/cities/{name}") for name in ("chenzhou", "jingzhou"))
    assert titles(chenzhou, "→") == [f"{CODE} 为郴州美食、米粉等“代言”、搞直播：未核查 → 推进中"]
    assert [title[:12] for title in titles(jingzhou, "→")] == ["JZ-2020-17.1"]
    assert {title[:2] for title in titles(chenzhou)} == {"CZ"}


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("/kinds/practice_already_run", {"CZ-2020-01.1"}),
        ("/sectors/big-data", set()),
        ("/commitments?status=in_progress", {"CZ-2020-01.1"}),
        ("/commitments?status=planned&status=completed", {"JZ-2020-17.1"}),
        ("/commitments?search=代言", {"CZ-2020-01.1"}),
        ("/commitments?city=421000", {"JZ-2020-17.1"}),
        ("/?city=421000", {"JZ-2020-17.1"}),
        ("/commitments?tense=ongoing&tense=planned&city=421000", {"JZ-2020-17.1"}),
        ("/commitments?due_by=2019-12-31", set()),
        ("/commitments?disputed=1", set()),
        ("/commitments/CZ-2020-01.1", {"CZ-2020-01.1"}),
        ("/", {"CZ-2020-01.1", "JZ-2020-17.1"}),
    ],
)
def test_a_feed_asks_what_its_address_asks(reader: FlaskClient, ledger: Engine, asked: str, codes: set[str]) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS)
        record(session, "JZ-2020-17.1", Execution.PLANNED)
    assert {title.split()[0] for title in titles(followed(reader, asked), "→")} == codes


def test_a_feed_tells_of_all_that_happens_to_a_commitment(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        follow_through(session, record(session, "CZ-2020-01", Execution.IN_PROGRESS))
        wrong = record(session, CODE, Execution.COMPLETED)
        record(session, CODE, Execution.PLANNED, corrects=wrong.id)
    found = followed(reader, "/cities/chenzhou")
    assert set(told(found)) == {"correction", "assessment", "review", "revision", "step"}
    by_sort = {entry.tags[0].term: entry for entry in found.entries}
    assert by_sort["correction"].title.endswith("更正，“已完成”改为“已列入计划”")
    assert by_sort["revision"].title.endswith("期限改为 2021-12-31")
    assert by_sort["step"].title.endswith("节点“封顶”已达到")
    assert by_sort["review"].author == "复核员"


def test_an_entry_says_what_it_is_and_leads_to_it(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        number = record(session, CODE, Execution.IN_PROGRESS, summary="园区已动工", summary_en="Work began").id
    (entry,) = followed(reader, f"/commitments/{CODE}", "en").entries[:1]
    assert entry.link == f"http://localhost/commitments/{CODE}#a{number}"
    assert (entry.author, entry.summary) == (ANALYST, "Work began")
    assert entry.published == entry.updated
    assert [(tag.term, tag.label) for tag in entry.tags[1:]] == [
        ("practice_already_run", "Practice already run"), ("in_progress", "In progress")
    ]  # fmt: skip
    assert "Before: Not reviewed" in entry.content[0].value
    assert reader.get(entry.link).text.count(f'id="a{number}"') == 1


def test_a_feed_says_where_it_is_from_and_under_what_it_may_be_used(reader: FlaskClient) -> None:
    feed = followed(reader, "/cities/chenzhou?status=not_reviewed", "en").feed
    assert feed.title == "Commitments of Chenzhou (Not reviewed): what changed"
    links = {(link.rel, link.type): link.href for link in feed.links if "type" in link}
    assert links["self", "application/atom+xml"] == (
        "http://localhost/cities/chenzhou?status=not_reviewed&format=atom&lang=en"
    )
    assert links["alternate", "text/html"] == "http://localhost/cities/chenzhou?status=not_reviewed&lang=en"
    assert "MIT" in feed.rights
    assert feed.language == "en"


def test_names_are_the_same_on_every_host_and_in_both_languages(opened: Callable[..., Flask], ledger_url: str) -> None:
    reader = opened(ledger_url).test_client()
    here = reader.get("/cities/chenzhou?kind=second_half_plan&status=not_reviewed&format=atom&lang=zh").data
    there = reader.get(
        "/cities/chenzhou?status=not_reviewed&kind=second_half_plan&format=atom&lang=en",
        headers={"Host": "127.0.0.1:8000"},
    ).data
    one, other = feedparser.parse(here), feedparser.parse(there)
    assert one.feed.id == other.feed.id
    assert one.feed.id.startswith("urn:uuid:")
    assert [entry.id for entry in one.entries] == [entry.id for entry in other.entries]
    assert one.feed.title != other.feed.title
    assert one.feed.id != followed(reader, "/cities/chenzhou").feed.id


def test_a_feed_that_has_not_changed_answers_304(reader: FlaskClient, ledger: Engine) -> None:
    address = "/cities/chenzhou?format=atom"
    first = reader.get(address)
    assert {"Accept", "Accept-Language", "Cookie"} <= set(first.vary)
    assert first.headers["Cache-Control"] == "no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    assert reader.get(address, headers=known).status_code == 304
    assert reader.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    with db.writing(ledger, ANALYST) as session:
        record(session, "JZ-2020-17.1", Execution.PLANNED)
    assert reader.get(address, headers=known).status_code == 304
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.PLANNED)
    assert reader.get(address, headers=known).status_code == 200


def test_a_feed_in_which_nothing_happened_is_a_feed(reader: FlaskClient) -> None:
    found = followed(reader, "/cities/chenzhou?as_of=2020-01-01")
    assert found.entries == []
    assert found.feed.updated == "1970-01-01T00:00:00.000Z"


def test_as_of_a_day_a_feed_tells_what_was_true_by_then(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.PLANNED, effective_on=date(2020, 9, 1),
               reviewed_up_to=date(2020, 9, 30), now=datetime(2020, 10, 1, tzinfo=UTC))  # fmt: skip
        record(session, CODE, Execution.IN_PROGRESS)
        moved(session, "CZ-2020-01")
    then = followed(reader, "/cities/chenzhou?as_of=2020-12-30")
    assert [(entry.tags[0].term, entry.tags[-1].term) for entry in then.entries] == [("assessment", "planned")]
    written = followed(reader, "/cities/chenzhou?recorded_by=2020-12-30")
    assert titles(written) == titles(then)


def test_where_readers_see_approved_work_only_so_does_a_feed(opened: Callable[..., Flask], ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        approved = record(session, CODE, Execution.IN_PROGRESS, summary="已核的话")
        unseen = record(session, CODE, Execution.COMPLETED, summary="未核的话")
        returned = record(session, "CZ-2020-01.2", Execution.IN_PROGRESS, summary="退回的话")
        corrects = record(session, CODE, Execution.STALLED, corrects=unseen.id, reason=Reason.MONEY,
                          attribution=Attribution.CITY, summary="改过的话")  # fmt: skip
        for judged in (approved, corrects):
            review(session, judged, Verdict.APPROVE, reviewer=reviewer(session))
        review(session, returned, Verdict.RETURN, reviewer=reviewer(session), note="来源不符")
    reader = opened(ledger.url.render_as_string(hide_password=False), readers_see="approved").test_client()
    found = followed(reader, "/cities/chenzhou")
    assert sorted(told(found)) == ["assessment", "assessment", "review", "review"]
    text = reader.get("/cities/chenzhou?format=atom").text
    assert "已核的话" in text
    assert not re.search("未核的话|退回的话|来源不符|已完成", text)


def test_a_withdrawn_commitment_leaves_no_words(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        row = commitment(session, CODE)
        title = row.title_zh
        record(session, CODE, Execution.IN_PROGRESS, summary="撤下的话")
        session.flush()
        row.publication_state = PublicationState.WITHDRAWN
    for address in ("/cities/chenzhou", "/", "/kinds/practice_already_run"):
        found = followed(reader, address)
        assert titles(found, CODE) == [f"{CODE} 已撤下"], address
        text = reader.get(f"{address}?format=atom").text
        assert title not in text
        assert "撤下的话" not in text
    assert titles(followed(reader, "/commitments?search=代言"), CODE) == []
    with db.reading(ledger) as session:
        (gone,) = (one for one in news.latest(session, CommitmentFilter(), 1, sorts=news.SORTS))
    assert (gone.code, gone.title_zh, gone.title_en) == (CODE, "", "")
    assert reader.get(f"/commitments/{CODE}?format=atom").status_code == 410


def test_what_becomes_public_is_told_and_a_draft_is_not(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        row = commitment(session, CODE)
        row.publication_state = PublicationState.DRAFT
    assert titles(followed(reader, "/cities/chenzhou"), CODE) == []
    with db.writing(ledger, ANALYST) as session:
        commitment(session, CODE).publication_state = PublicationState.PUBLISHED
    assert [title[-4:] for title in titles(followed(reader, "/cities/chenzhou"))[:1]] == ["：新收录"]
    assert len(titles(followed(reader, f"/commitments/{CODE}"))) == 2
    with db.writing(ledger, ANALYST) as session:
        commitment(session, CODE).publication_state = PublicationState.WITHDRAWN
    with db.writing(ledger, ANALYST) as session:
        commitment(session, CODE).publication_state = PublicationState.PUBLISHED
    assert titles(followed(reader, "/cities/chenzhou"))[:2] == [
        f"{CODE} 为郴州美食、米粉等“代言”、搞直播：恢复公开", f"{CODE} 已撤下"
    ]  # fmt: skip


@pytest.mark.parametrize("address", ["/commitments", "/cities/chenzhou", "/commitments?kind=second_half_plan"])
def test_older_entries_are_on_further_pages_and_each_comes_once(
    reader: FlaskClient, ledger: Engine, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with db.writing(ledger, ANALYST) as session:
        follow_through(session, record(session, "CZ-2020-01", Execution.IN_PROGRESS))
        for code in ("CZ-2020-02.1", "CZ-2020-27.2", "JZ-2020-02"):
            record(session, code, Execution.PLANNED)
    whole = [entry.id for page in pages(reader, address, 1000, monkeypatch) for entry in page.entries]
    monkeypatch.setattr("tracker.news.newest._LATELY", 3)
    small = pages(reader, address, 7, monkeypatch)
    assert [entry.id for page in small for entry in page.entries] == whole
    assert len(small) == -(-len(whole) // 7) > 3
    assert [any(link.rel == "next" for link in page.feed.links) for page in small] == [True] * (len(small) - 1) + [
        False
    ]
    assert len({page.feed.id for page in small}) == 1


def pages(reader: FlaskClient, address: str, size: int, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every page of a feed, as its `next` leads."""
    monkeypatch.setattr(feeds, "PAGE", size)
    found = [followed(reader, address)]
    while further := [link.href for link in found[-1].feed.links if link.rel == "next"]:
        found.append(feedparser.parse(reader.get(further[0]).data))
    return found


@pytest.mark.parametrize(
    "before", ["x", "assessment:x", "user:1", "assessment:1;review:2", "assessment:" + "9" * 10, "step:１"]
)
def test_a_place_to_go_on_from_that_no_feed_gave_is_refused(reader: FlaskClient, before: str) -> None:
    answer = reader.get("/commitments", query_string={"format": "atom", "before": before})
    assert answer.status_code == 400
    assert "?format=atom" in answer.text


@pytest.mark.parametrize(
    "words", ["a\x0bb\x1f]]>\ufffe", "<script>alert(1)</script>&amp;", "😀\u202e\u200fabc\u2028", "]]>"]
)
def test_hostile_text_stays_text_in_a_well_formed_feed(reader: FlaskClient, ledger: Engine, words: str) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS, summary=words)
    entry = followed(reader, f"/commitments/{CODE}").entries[0]
    kept = feeds.clean(words)
    root = ElementTree.fromstring(reader.get(f"/commitments/{CODE}?format=atom").data)  # noqa: S314 - made by the product itself
    assert kept.strip() in [text.strip() for text in root.itertext()]
    assert entry.id
    assert "<script" not in entry.content[0].value


def test_beyond_the_newest_number_a_feed_begins_at_its_end(reader: FlaskClient) -> None:
    far = ",".join(f"{name}:{'9' * 9}" for name in news.SORTS)
    assert titles(followed(reader, f"/commitments?before={far}")) == titles(followed(reader, "/commitments"))


def test_a_feed_names_the_address_that_the_site_is_read_under(
    opened: Callable[..., Flask], ledger: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.writing(ledger, ANALYST) as session:
        record(session, CODE, Execution.IN_PROGRESS)
    app = opened(ledger.url.render_as_string(hide_password=False))
    monkeypatch.setitem(app.config, "BASE_URL", "https://ledger.example/promises")
    found = followed(app.test_client(), "/cities/chenzhou?as_of=2021-01-01")
    assert found.entries[0].link.startswith(f"https://ledger.example/promises/commitments/{CODE}?as_of=2021-01-01#a")
    assert {link.href.partition("?")[0] for link in found.feed.links if link.rel in {"self", "alternate"}} == {
        "https://ledger.example/promises/cities/chenzhou"
    }


def test_a_moved_deadline_says_the_day_that_held_before(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        moved(session, "CZ-2020-17.2")
    (entry,) = [one for one in followed(reader, "/commitments/CZ-2020-17.2").entries if "期限改为" in one.title]
    assert "原来的最后一天：2020-12-31" in entry.content[0].value
    assert "新的最后一天：2021-12-31" in entry.content[0].value


def test_a_moved_period_to_act_in_is_no_deadline(reader: FlaskClient, ledger: Engine) -> None:
    with db.writing(ledger, ANALYST) as session:
        moved(session, "CZ-2020-01", date(2021, 6, 30), kind=DeadlineKind.HORIZON, text="2021年上半年")
        moved(session, "CZ-2020-01", date(2021, 9, 30), kind=DeadlineKind.HORIZON, text="三季度")
    found = [entry for entry in followed(reader, "/commitments/CZ-2020-01").entries if "改为" in entry.title]
    assert [entry.title.rpartition("：")[2] for entry in found] == [
        "行动时段改为到 2021-09-30 为止", "行动时段改为到 2021-06-30 为止"
    ]  # fmt: skip
    assert "原来的最后一天：2021-06-30" in found[0].content[0].value


def test_a_feed_reader_that_says_what_it_takes_gets_the_feed(reader: FlaskClient) -> None:
    answer = reader.get("/cities/chenzhou", headers={"Accept": "application/atom+xml"})
    assert answer.mimetype == "application/atom+xml"
    assert reader.get("/method", headers={"Accept": "application/atom+xml"}).mimetype == "text/html"
    assert reader.get("/codebook?format=atom").status_code == 400


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "address", ["/", "/cities/chenzhou?status=in_progress", "/commitments", "/kinds/second_half_plan",
                "/sectors/big-data", "/terms/policy-area/employment", f"/commitments/{CODE}?as_of=2021-01-01"]
)  # fmt: skip
def test_readers_find_feed_and_calendar_on_the_page(reader: FlaskClient, address: str, language: str) -> None:
    page = reader.get(address, headers={"Accept-Language": language}).text.replace("&amp;", "&")
    for form, media in (("atom", "application/atom+xml"), ("ics", "text/calendar")):
        head = re.search(rf'<link rel="alternate" type="{re.escape(media)}" title="[^"]+" href="([^"]+)">', page)
        shown = re.search(rf'<dt><a href="([^"]+)" type="{re.escape(media)}">', page)
        assert head, form
        assert shown, form
        assert head[1] == shown[1]
        answer = reader.get(address.partition("?")[0] + head[1])
        assert (answer.status_code, answer.mimetype) == (200, media)
        assert answer.headers["Content-Language"] == {"zh": "zh-Hans", "en": "en"}[language]


def test_the_newest_are_found_whichever_way_they_are_looked_for(
    ledger: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.writing(ledger, ANALYST) as session:
        follow_through(session, record(session, "CZ-2020-01", Execution.IN_PROGRESS))
        for code in ("JZ-2020-02", "CZ-2020-02.1", "JZ-2020-17.1"):
            record(session, code, Execution.PLANNED)
    asked = CommitmentFilter(cities=("431000",))
    with db.reading(ledger) as session:
        usual = news.latest(session, asked, 60, sorts=news.SORTS)
        every = news.latest(session, CommitmentFilter(), 1000, sorts=news.SORTS)
        assert usual == [one for one in every if one.city == "郴州"][:60]
        # The last two judgements: one of the other city, and one of its own.
        monkeypatch.setattr("tracker.news.newest._LATELY", 2)
        assert news.latest(session, asked, 60, sorts=news.SORTS) == usual
