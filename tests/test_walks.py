"""Lists walked from page to page by the links that they give: forwards, backwards, from a page that was seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tracker import queries, registers, walks
from tracker.codebook import Execution
from tracker.filters import CommitmentFilter
from tracker.standings import Cutoff
from tracker.walks import Mark, Place, Way

LISTED, ROWS = r'<article class="commitment" id="([^"]+)"', r'data-code="([^"]+)"'


@pytest.fixture
def reader(opened: Callable[..., Flask], desk: Session) -> FlaskClient:
    """Somebody with a browser who looks at the ledger as seeded."""
    return opened(desk.get_bind().engine.url.render_as_string(hide_password=False)).test_client()


def walked(client: FlaskClient, address: str, direction: str, rows: str) -> tuple[list[list[str]], str]:
    """What each page shows from an address on, by its links to the next or previous one; and the last address."""
    path, pages = address.partition("?")[0], []
    while True:
        text = client.get(address).text
        pages.append(re.findall(rows, text))
        link = re.search(rf'rel="{direction}" href="([^"]+)"', text)
        if not link:
            return pages, address
        address = path + unescape(link[1])


@pytest.mark.parametrize(
    "address",
    [
        "/commitments", "/commitments?status=not_reviewed&status=in_progress", "/commitments?city=jingzhou&city=chenzhou",
        "/commitments?as_of=2021-01-31&status=not_reviewed", "/cities/chenzhou?timeliness=no_deadline", "/kinds/practice_already_run",
        "/commitments?search=产业",
    ],
)  # fmt: skip
def test_the_links_of_a_list_lead_past_each_row_once_and_back(reader: FlaskClient, address: str) -> None:
    whole = re.findall(LISTED, reader.get(f"{address}{'&' if '?' in address else '?'}per=all").text)
    forwards, last = walked(reader, address, "next", LISTED)
    assert [code for page in forwards for code in page] == whole
    assert {len(page) for page in forwards[:-1]} <= {registers.PAGE}
    backwards, _ = walked(reader, last, "prev", LISTED)
    assert backwards == forwards[::-1]


@pytest.mark.parametrize(
    "asked", ["", "?desc=1", "?sort=kind&desc=1", "?status=not_reviewed&match=any", "?search=产业"]
)
def test_the_links_of_the_desk_lead_past_each_row_once(analyst: FlaskClient, asked: str) -> None:
    every = re.findall(ROWS, analyst.get(f"/desk/commitment/{asked}{'&' if asked else '?'}page_size=all").text)
    pages, _ = walked(analyst, f"/desk/commitment/{asked}", "next", ROWS)
    assert [code for page in pages for code in page] == every
    assert len(pages) > 1


@pytest.mark.parametrize("after", ["x", "1-2", "0-1-1", "1-2-3-4", "1-1-99999999999", "１-1-1", "1-1--1"])
def test_a_page_that_no_link_leads_from_is_refused(analyst: FlaskClient, after: str) -> None:
    for address in ("/commitments", "/desk/commitment/"):
        assert analyst.get(f"{address}?page=2&after={after}").status_code == 400


def test_a_page_is_found_from_where_the_fewest_rows_are_passed_by() -> None:
    near = Mark(20_000, Place(118, 7))
    assert walks.to_page(401, 50, near, 100_000) == Way(51, 0, near.place)
    assert walks.to_page(399, 50, near, 100_000) == Way(50, 50, near.place, back=True)
    assert walks.to_page(400, 50, Mark(20_010, near.place)) == Way(50, 10, near.place, back=True)
    assert walks.to_page(2000, 50, near, 99_990) == Way(40, back=True)
    assert walks.to_page(1999, 50, None, 99_990) == Way(50, 40, back=True)
    assert walks.to_page(3, 50) == Way(51, 100)


def test_of_a_list_that_nobody_counts_it_is_said_how_many_there_are_at_least(
    reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "_LOOKED_AT", 60)
    text = reader.get("/commitments?timeliness=no_deadline&status=not_reviewed&lang=en").text
    said = re.search(r"At least <strong>(\d+)</strong>", text)
    assert said
    assert 0 < int(said[1]) <= 60
    assert 'rel="next"' in text
    assert "At least" not in reader.get("/commitments?status=not_reviewed&lang=en").text


@pytest.mark.parametrize(
    "words", ["产业", "建设 园区", "5g网络", "cz-2020-21.1", "non-ferrous", "%", "商务局", "加快建设", "养老"]
)
def test_words_looked_for_in_each_commitment_are_found_where_the_index_finds_them(desk: Session, words: str) -> None:
    found, met = (
        [row.code for row in desk.execute(queries.commitments(CommitmentFilter(search=words, looked_through=through)))]
        for through in (False, True)
    )
    assert met == found


def test_a_long_list_is_read_from_its_end_without_what_stands_before(desk: Session) -> None:
    everything = CommitmentFilter()
    rows = walks.steps(desk, everything, Way(10_000))
    assert walks.steps(desk, everything, Way(3, back=True)) == rows[:-4:-1]
    place = Place(rows[9].document_id, rows[9].position)
    assert walks.steps(desk, everything, Way(2, 1, place)) == rows[11:13]
    assert walks.steps(desk, everything, Way(2, 1, place, back=True)) == rows[8:6:-1]


def test_a_walk_reads_no_whole_table_on_postgresql_and_what_comes_after_it_may(desk: Session) -> None:
    if desk.get_bind().dialect.name != "postgresql":
        pytest.skip("a setting of PostgreSQL")
    read_whole = "SELECT sum(seq_scan) FROM pg_stat_xact_user_tables WHERE relname = 'status_assessment'"
    past = CommitmentFilter(executions=(Execution.NOT_REVIEWED,), cutoff=Cutoff(as_of=date(2020, 12, 31)))
    assert walks.steps(desk, past, Way(3))
    assert desk.connection().exec_driver_sql(read_whole).scalar() == 0
    for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
        assert desk.connection().exec_driver_sql(f"SHOW {name}").scalar() == "on"


def test_the_commitments_of_a_city_are_read_without_all_that_stands(desk: Session) -> None:
    if desk.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by how many there are")
    asked = queries.commitments(CommitmentFilter(cities=("431000",)), only=("code", "execution", "timeliness"))
    asked_for = asked.compile(dialect=desk.get_bind().dialect, compile_kwargs={"literal_binds": True})
    plan = desk.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked_for}").all()
    assert [row.detail for row in plan if row.detail.startswith("SEARCH current USING PRIMARY KEY")], plan
