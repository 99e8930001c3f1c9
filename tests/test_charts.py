"""Charts say what the ledger says: their numbers, in one language at a time, each mark with the rows behind it."""

from __future__ import annotations

import itertools
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree.ElementTree import Element, fromstring

import pytest
from flask import Flask, render_template_string
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import tracker
from following import ANALYST, PAGE, commitment, follow_through, record, reviewer
from tracker import audit, charts, db, registers, series, sources, tallies
from tracker.charts import Chart
from tracker.charts.pace import begins, month_ends
from tracker.codebook import EvidenceReports, Execution, Kind, StatusGroup, Verdict
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.measurements import measure
from tracker.models import Review, StatedFigure, StatusAssessment
from tracker.records import records
from tracker.reviews import review
from tracker.standings import Cutoff

CHENZHOU, JINGZHOU = "431000", "421000"
#: 41 enterprises were to get special re-lending.
CLAIM = "JZ-2020-21.2"
TODAY = Cutoff(as_of=date(2022, 6, 30))

_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_ENGLISH_SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


def address(**question: Any) -> str:
    """The address of the rows behind a mark, as a page would make it."""
    return "/rows?" + urlencode({name: str(asked) for name, asked in question.items()})


def measured(session: Session, stated: float, found: float, day: date = date(2021, 6, 30)) -> None:
    figure = session.scalars(select(StatedFigure).where(StatedFigure.value == stated)).one()
    source = Source(PAGE, reports=EvidenceReports.STATISTICS)
    measure(session, figure, found, as_of=day, source=source, analyst=audit.signer(session, ANALYST))


def by_kind(session: Session, asked: CommitmentFilter, **how: Any) -> Chart:
    """The chart of what became of the commitments asked for."""
    return charts.status_by_kind(tallies.by_kind(session.execute(tallies.census(asked)).all()), asked, **how)


def pace(session: Session, city: str, cutoff: Cutoff, **how: Any) -> Chart:
    """The chart of a city, month by month."""
    of = registers.counted(session, CommitmentFilter((city,))).followable
    return charts.pace(session, session.execute(sources.of_city(city)).all(), of, cutoff, **how)


def all_charts(session: Session, language: str) -> list[Chart]:
    asked: dict[str, Any] = {"language": language, "address": address}
    return [
        by_kind(session, CommitmentFilter(cutoff=TODAY), **asked),
        pace(session, CHENZHOU, TODAY, **asked),
        pace(session, JINGZHOU, TODAY, **asked),
        charts.timeline(session, "CZ-2020-01.1", TODAY, **asked),
        charts.stated_and_found(session, CommitmentFilter(cutoff=TODAY), **asked),
    ]


@pytest.fixture(scope="module")
def drawn(seeded_file: Path) -> dict[str, list[Chart]]:
    """Each chart in each language, of a commitment with everything that can happen to one."""
    with db.sessions(db.connect(f"sqlite:///{seeded_file}"))() as session:
        audit.signed_by(session, ANALYST)
        follow_through(session, record(session, "CZ-2020-01.1", Execution.IN_PROGRESS))
        record(
            session, "JZ-2020-17.2", Execution.PLANNED, effective_on=date(2021, 3, 1), reviewed_up_to=date(2021, 3, 1)
        )
        record(session, "JZ-2020-17.1", Execution.NO_EVIDENCE_FOUND)
        made = {language: all_charts(session, language) for language in ("zh", "en")}
        session.rollback()
    return made


def parsed(drawing: str | bytes) -> Element:
    """A drawing as elements."""
    return fromstring(drawing)  # noqa: S314 - our own


def words(element: Element) -> Iterator[tuple[str, bool]]:
    """Every text of a drawing, its names for links too, and whether it is marked as Chinese."""
    for part in element.iter():
        is_marked = (part.get("lang") or "").startswith("zh") and part is not element
        yield from ((text, is_marked) for text in (part.text, part.get("aria-label")) if text)


def values(chart: Chart) -> list[dict[str, Any]]:
    """The values that the marks of a chart are drawn from."""
    panels = chart.spec.get("vconcat", [chart.spec])
    return [value for panel in panels for value in (panel.get("data") or panel["layer"][0]["data"])["values"]]


# The numbers


def test_a_bar_is_as_long_as_the_summary_says(desk: Session) -> None:
    record(desk, "CZ-2020-01.1", Execution.IN_PROGRESS)
    record(desk, "JZ-2020-17.2", Execution.PLANNED)
    chart = by_kind(desk, CommitmentFilter(), language="en", address=address)
    for by in ("kind", "execution"):
        shown: Counter[tuple[str, str]] = Counter()
        for value in values(chart):
            asked = {name: given[0] for name, given in parse_qs(urlsplit(value["link"]).query).items()}
            statuses = re.findall(r"Execution\.([A-Z_]+)", asked["executions"])
            code = (
                Execution[statuses[0]].value
                if by == "execution"
                else Kind[re.findall(r"Kind\.([A-Z_]+)", asked["kinds"])[0]].value
            )
            shown[asked["cities"][2:8], code] += value["count"]
        counted = desk.execute(tallies.tally(by, CommitmentFilter())).mappings()
        assert shown == {(row["city_code"], str(row["value"])): row["count"] for row in counted}


def replayed(session: Session, codes: list[str], day: date, written_by: datetime) -> Counter[str]:
    """How the commitments stood on a day, from their assessments one by one, without the ledger's queries."""
    stood: Counter[str] = Counter()
    for code in codes:
        rows = session.scalars(
            select(StatusAssessment).where(StatusAssessment.commitment_id == commitment(session, code).id)
        )
        written = [row for row in rows if row.recorded_at < written_by]
        corrected = {row.corrects_id for row in written}
        said = {
            row.assessment_id: row.verdict
            for row in session.scalars(select(Review).order_by(Review.recorded_at, Review.id))
            if row.recorded_at < written_by
        }
        valid = [
            row for row in written
            if row.id not in corrected and said.get(row.id) != Verdict.RETURN and row.effective_on <= day
        ]  # fmt: skip
        nothing = {Execution.NO_EVIDENCE_FOUND, Execution.NOT_REVIEWED}
        findings = [row for row in valid if row.execution not in nothing]
        if findings or valid:
            latest = max(findings or valid, key=lambda row: (row.effective_on, row.recorded_at, row.id))
            stood[latest.execution.value] += 1
    return stood


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_series_is_what_a_replay_of_the_assessments_gives(desk: Session, seed: int) -> None:
    chance, codes = random.Random(seed), ["CZ-2020-01.1", "CZ-2020-02.1", "CZ-2020-02.2", "CZ-2020-02.3"]  # noqa: S311
    statuses = [Execution.NO_EVIDENCE_FOUND, Execution.PLANNED, Execution.IN_PROGRESS, Execution.COMPLETED]
    made: list[StatusAssessment] = []
    for number in range(16):
        day, code = date(2020, 6, 30) + timedelta(days=30 * chance.randrange(18)), chance.choice(codes)
        same = [one for one in made if one.commitment.code == code]
        corrects = chance.choice(same).id if same and chance.random() < 0.2 else None
        made.append(record(
            desk, code, chance.choice(statuses), effective_on=day, reviewed_up_to=day, corrects=corrects,
            now=datetime(2022, 1, 1 + number // 2, tzinfo=UTC),
        ))  # fmt: skip
        if chance.random() < 0.2:
            review(desk, made[-1], Verdict.RETURN, reviewer=reviewer(desk), note="依据不符", now=made[-1].recorded_at)
    days = list(month_ends(begins("2020"), TODAY.day()))
    for written in (date(2022, 1, 4), date(2022, 1, 31)):
        cutoff = Cutoff(as_of=TODAY.day(), recorded_by=written)
        counted: dict[date, Counter[str]] = {day: Counter() for day in days}
        for row in desk.execute(series.statuses(CHENZHOU, cutoff, days)):
            counted[row.day][Execution(row.execution).value] = row.number
        by = datetime(written.year, written.month, written.day, tzinfo=UTC) + timedelta(days=1)
        assert counted == {day: replayed(desk, codes, day, by) for day in days}
    assert any(counted.values())


def test_the_last_month_of_the_pace_is_the_list_of_that_day(desk: Session) -> None:
    record(desk, "CZ-2020-01.1", Execution.IN_PROGRESS)
    record(desk, "CZ-2020-02.1", Execution.NO_EVIDENCE_FOUND)
    asked = CommitmentFilter((CHENZHOU,), cutoff=TODAY)
    chart = pace(desk, CHENZHOU, TODAY, language="en", address=address)
    counted = Counter(row["execution"].value for row in followable(desk, asked))
    last = chart.rows[-1]
    assert last["By"].text == "2022-06-30"
    for group in StatusGroup:
        if group.en in last:
            assert int(last[group.en].text) == sum(counted[status.value] for status in group.statuses)
    assert int(last["All"].text) == counted.total()


def followable(session: Session, asked: CommitmentFilter) -> list[dict[str, Any]]:
    return [
        {**row, "execution": Execution(row["execution"])}
        for row in records(session, asked)
        if row["is_leaf"] or row["stands_alone"]
    ]


def test_before_anybody_judged_a_month_is_not_reviewed(desk: Session) -> None:
    record(desk, "CZ-2020-01.1", Execution.IN_PROGRESS, effective_on=date(2021, 3, 15), reviewed_up_to=date(2021, 4, 1))
    chart = pace(desk, CHENZHOU, TODAY, language="en", address=address)
    first, turned, _last = chart.rows
    assert (first["By"].text, first["Not reviewed"].text, first["All"].text) == ("2020-01-31", "96", "96")
    assert (turned["By"].text, turned["Under way"].text, turned["Not reviewed"].text) == ("2021-03-31", "1", "95")


def test_a_city_where_little_happens_is_drawn_with_few_corners_and_the_same_shape(desk: Session) -> None:
    record(desk, "CZ-2020-01.1", Execution.IN_PROGRESS, effective_on=date(2021, 3, 15), reviewed_up_to=date(2021, 4, 1))
    drawn = values(pace(desk, CHENZHOU, TODAY, language="en", address=address))
    corners = [(value["day"], value["to"] - value["from"]) for value in drawn if value["group"] == "Under way"]
    assert [day for day, _ in corners] == ["2020-01-01", "2021-02-28", "2021-03-31", "2022-06-30"]
    assert [share * 96 for _, share in corners] == pytest.approx([0, 0, 1, 1])


def test_where_many_months_changed_the_table_keeps_to_the_ends_of_years(
    desk: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for month in (1, 2, 3):
        day = date(2021, month, 15)
        record(desk, f"CZ-2020-02.{month}", Execution.IN_PROGRESS, effective_on=day, reviewed_up_to=day)
    table = [row["By"].text for row in pace(desk, CHENZHOU, TODAY, language="en", address=address).rows]
    assert table == ["2020-01-31", "2021-01-31", "2021-02-28", "2021-03-31", "2022-06-30"]
    monkeypatch.setattr(sys.modules[month_ends.__module__], "_MOST", 4)
    table = [row["By"].text for row in pace(desk, CHENZHOU, TODAY, language="en", address=address).rows]
    assert table == ["2020-01-31", "2020-12-31", "2021-12-31", "2022-06-30"]


def test_every_status_is_in_one_group() -> None:
    grouped = [status for group in StatusGroup for status in group.statuses]
    assert sorted(grouped) == sorted(Execution)


def test_the_months_end_with_the_day_that_is_asked_for() -> None:
    assert list(month_ends(date(2020, 12, 1), date(2021, 2, 3))) == [
        date(2020, 12, 31),
        date(2021, 1, 31),
        date(2021, 2, 3),
    ]


def test_thirty_eight_are_ninety_three_per_cent_of_forty_one(desk: Session) -> None:
    measured(desk, 41, 38)
    chart = charts.stated_and_found(desk, CommitmentFilter((JINGZHOU,)), language="en", address=address)
    assert [value["share"] for value in values(chart)] == [pytest.approx(38 / 41)]
    assert [row["Found of stated"].text for row in chart.rows] == ["92.7%"]
    assert "code=JZ-2020-21.2" in chart.rows[0]["Found"].address


def test_where_much_was_measured_the_latest_values_are_drawn_and_the_sentence_says_so(
    desk: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.charts.figures._MOST", 1)
    measured(desk, 41, 38)
    chart = charts.stated_and_found(desk, CommitmentFilter(), language="en", address=address)
    assert "with the latest values" not in chart.description
    measured(desk, 1300, 1200, date(2021, 7, 31))
    chart = charts.stated_and_found(desk, CommitmentFilter(), language="en", address=address)
    assert [row["Value of"].text for row in chart.rows] == ["2021-07-31"]
    assert "2 have a value found later" in chart.description
    assert chart.description.endswith("Here are the 1 with the latest values.")


def test_a_city_shows_its_own_figures_only(desk: Session) -> None:
    measured(desk, 41, 38)
    assert not charts.stated_and_found(desk, CommitmentFilter((CHENZHOU,)), language="en", address=address).rows


def test_the_timeline_shows_what_has_a_day_and_counts_what_has_none(desk: Session) -> None:
    follow_through(desk, record(desk, "CZ-2020-01.1", Execution.IN_PROGRESS))
    chart = charts.timeline(desk, "CZ-2020-01.1", Cutoff(), language="en", address=address)
    assert {row["What"].text for row in chart.rows} >= {"Judged", "Deadline changed", "Milestones", "Reviewed"}
    assert "Evidence published" not in {row["What"].text for row in chart.rows}
    assert "1 cited without a date of publication" in chart.description


def test_a_returned_judgement_is_on_no_timeline(desk: Session) -> None:
    made = record(desk, "CZ-2020-01.1", Execution.IN_PROGRESS)
    review(desk, made, Verdict.RETURN, reviewer=reviewer(desk), note="依据不符")
    chart = charts.timeline(desk, "CZ-2020-01.1", Cutoff(), language="en", address=address)
    assert "Judged" not in {row["What"].text for row in chart.rows}


def test_a_timeline_says_that_it_leaves_out_what_no_longer_stands(
    opened: Callable[..., Flask], ledger: Engine, ledger_url: str
) -> None:
    with db.writing(ledger, ANALYST) as session:
        wrong = record(session, "CZ-2020-01.1", Execution.PLANNED)
        record(session, "CZ-2020-01.1", Execution.IN_PROGRESS, corrects=wrong.id)
        record(session, "CZ-2020-02.1", Execution.IN_PROGRESS)
        chart = charts.timeline(session, "CZ-2020-01.1", Cutoff(), language="en", address=address)
    assert "Corrected and returned assessments are not drawn." in chart.description
    reader = opened(ledger_url).test_client()
    corrected, plain = (reader.get(f"/commitments/CZ-2020-0{n}.1?lang=en").text for n in (1, 2))
    assert "Not drawn are assessments that were corrected or returned, 1 in all" in corrected
    assert "Not drawn are assessments" not in plain


# Nothing to draw


def test_where_nothing_was_measured_there_is_a_sentence_and_no_chart(desk: Session) -> None:
    chart = charts.stated_and_found(desk, CommitmentFilter(code=CLAIM), language="en", address=address)
    assert chart.description == "None of the 2 figures in the text has been measured yet, so there is no chart."
    assert not chart.rows
    assert charts.svg(chart) == ""
    with pytest.raises(charts.NothingToDraw):
        charts.png(chart)


def test_where_nothing_can_be_followed_up_there_is_no_chart(desk: Session) -> None:
    asked: dict[str, Any] = {"language": "zh", "address": address}
    status = by_kind(desk, CommitmentFilter(code="XX-1"), **asked)
    documents = desk.execute(sources.of_city(CHENZHOU)).all()
    for chart in (status, charts.pace(desk, documents, 0, TODAY, **asked)):
        assert (chart.rows, chart.description) == ((), "没有可跟进的承诺，所以没有图。")


def test_a_timeline_of_nobodys_commitment_is_an_error(desk: Session) -> None:
    with pytest.raises(LookupError, match="XX-1"):
        charts.timeline(desk, "XX-1", Cutoff(), language="zh", address=address)


# The drawing


def test_a_drawing_holds_no_script_no_style_and_no_address_elsewhere(drawn: dict[str, list[Chart]]) -> None:
    drawings: list[str] = [charts.svg(chart) for chart in drawn["zh"]]
    files = [charts.file(chart).decode() for chart in drawn["zh"]]
    for text in drawings + files:
        root = parsed(text)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        names = {name.rpartition("}")[2] for element in root.iter() for name in element.attrib}
        assert not tags & {"script", "style", "foreignObject", "image", "use"}
        assert not names & {"style", "class", "onclick", "onload"}
        assert "//" not in text.replace("http://www.w3.org/2000/svg", "")
    # A file is opened anywhere: an address of this site would lead nowhere.
    assert not [text for text in files if "href" in text]


def test_every_mark_leads_to_its_rows_and_says_what_it_is(drawn: dict[str, list[Chart]]) -> None:
    for chart in drawn["zh"]:
        links = list(parsed(charts.svg(chart)).iter("a"))
        marks = {(value["link"], value["says"]) for value in values(chart)}
        assert {link.get("href") for link in links} == {
            urlsplit(link)._replace(scheme="", netloc="").geturl()[1:] for link, _ in marks
        }
        assert sorted(str(link.get("aria-label")) for link in links) == sorted(says for _, says in marks)
        # The table has the same links in the order of the keyboard.
        assert all(link.get("tabindex") == "-1" for link in links)
        assert any(cell.address for row in chart.rows for cell in row.values())


def test_a_drawing_speaks_one_language(drawn: dict[str, list[Chart]]) -> None:
    for chart in drawn["zh"]:
        spoken = [text for text, _ in words(parsed(charts.svg(chart)))] + [chart.title, chart.description]
        assert not [text for text in spoken if _ENGLISH_SENTENCE.search(text)]
    for chart in drawn["en"]:
        spoken = [text for text, is_marked in words(parsed(charts.svg(chart))) if not is_marked]
        assert not [text for text in [*spoken, chart.title, chart.description] if _CHINESE.search(text)]


def test_the_description_names_what_is_counted_of(drawn: dict[str, list[Chart]]) -> None:
    status, pace, *_, found = drawn["zh"]
    assert "郴州 96 条可跟进的承诺中" in status.description
    assert "荆州 72 条可跟进的承诺中" in status.description
    assert "郴州 96 条可跟进的承诺" in pace.description
    assert "原文 28 个数中 1 个" in found.description
    assert "郴州：96 条可跟进的承诺" in charts.svg(status)


def test_a_drawing_on_a_page_takes_its_colours_from_the_style_sheet(drawn: dict[str, list[Chart]]) -> None:
    light, _, dark = (Path(tracker.__file__).parent / "static" / "colours.css").read_text().partition("@media")
    for chart in drawn["zh"]:
        named = set(re.findall(r"var\(--([\w-]+)\)", charts.svg(chart)))
        assert named
        assert all(f"--{name}:" in light and f"--{name}:" in dark for name in named)
        assert "#" not in charts.svg(chart).replace("url(#", "")


def test_a_status_has_a_pattern_of_its_own_beside_its_colour(drawn: dict[str, list[Chart]]) -> None:
    from tracker.charts.palette import COLOURS, PATTERNS

    assert set(PATTERNS) == set(Execution)
    assert len(set(PATTERNS.values())) == len(Execution)
    patterns = {
        element.get("id", "").rpartition("-")[0] for element in parsed(charts.svg(drawn["zh"][0])).iter("pattern")
    }
    assert patterns == {"not_reviewed", "no_evidence_found", "planned", "in_progress"}
    assert len({COLOURS[f"status-{execution}"] for execution in Execution}) == len(Execution)


def test_two_drawings_on_a_page_share_no_name(drawn: dict[str, list[Chart]]) -> None:
    named = [re.findall(r'\bid="([^"]+)"', charts.svg(chart)) for chart in drawn["zh"]]
    ids = list(itertools.chain(*named))
    assert ids
    assert len(set(ids)) == len(ids)


def test_words_stay_words_in_letters_that_a_chinese_reader_has(drawn: dict[str, list[Chart]]) -> None:
    for chart in drawn["zh"]:
        root = parsed(charts.svg(chart))
        assert float(root.get("width", 0)) < 900
        assert "Noto Sans CJK SC" in str(root.get("font-family"))
        assert any(_CHINESE.search(element.text or "") for element in root.iter("text"))


def test_a_png_is_twice_the_size_of_its_drawing(drawn: dict[str, list[Chart]]) -> None:
    chart = drawn["zh"][-1]
    image, width = charts.png(chart), float(parsed(charts.file(chart)).get("width", 0))
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == pytest.approx(2 * width, abs=2)


def test_a_tag_changes_with_the_numbers_and_with_nothing_else(desk: Session) -> None:
    asked: dict[str, Any] = {"language": "zh", "address": address}
    before, again = (by_kind(desk, CommitmentFilter(), **asked) for _ in range(2))
    assert charts.etag(before) == charts.etag(again)
    record(desk, "CZ-2020-01.1", Execution.IN_PROGRESS)
    assert charts.etag(by_kind(desk, CommitmentFilter(), **asked)) != charts.etag(before)


def test_who_draws_nothing_does_not_load_what_draws() -> None:
    code = "import sys, tracker.charts; sys.exit('vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# On a page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_shows_the_chart_its_sentence_and_its_table(
    drawn: dict[str, list[Chart]], seeded_file: Path, opened: Callable[..., Flask], language: str
) -> None:
    app = opened(f"sqlite:///{seeded_file}")
    template = '{% from "_chart.html" import figure with context %}{{ figure(chart, drawing, "/a.svg", "/a.png") }}'
    for chart in drawn[language]:
        with app.test_request_context(f"/?lang={language}"):
            html = render_template_string(template, chart=chart, drawing=charts.svg(chart))
        assert html.count("<svg") == 1
        assert html.count("<tr>") == len(chart.rows) + 1
        assert all(
            address in html.replace("&amp;", "&")
            for row in chart.rows
            for cell in row.values()
            if (address := cell.address)
        )
        assert 'href="/a.png"' in html
