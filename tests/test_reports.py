"""The report of a city: it is printed and handed on, so it says by itself what it is, and what is not known."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from following import ANALYST, PAGE, record, reviewer
from test_cli import Run, anywhere, refused, run
from test_duban import Table
from tracker import checkpoints, db, reports, sources
from tracker.codebook import EvidenceReports, Execution, Verdict
from tracker.findings import Source
from tracker.reports import Part, Report
from tracker.reviews import review
from tracker.standings import Cutoff

__all__ = ["anywhere", "run"]

CZ, DUE = "431000", "CZ-2020-17.2"


@pytest.fixture
def followed(ledger: Engine) -> Engine:
    """One commitment of 郴州 done and approved on evidence with a caveat, another that nobody found anything of."""
    with db.writing(ledger, actor=ANALYST) as session:
        source = Source(PAGE, reports=EvidenceReports.DELIVERY, title="<b>验收公告", publisher="郴州日报")
        found = record(session, DUE, Execution.COMPLETED, summary="=已验收", evidence=(source,))
        review(session, found, Verdict.APPROVE, reviewer=reviewer(session))
        record(session, "CZ-2020-21.4", Execution.NO_EVIDENCE_FOUND, summary="没有查到")
    return ledger


def made(session: Session, tmp_path: Path, cutoff: Cutoff = Cutoff(), language: str = "zh") -> tuple[Report, str]:  # noqa: B008
    of, signed = reports.edition(session, CZ, cutoff, checkpoints.signing_key(tmp_path / "unused"))
    documents = session.execute(sources.of_city(CZ)).all()
    return reports.report(session, documents, cutoff, of, language, drawn=False), signed


def part(report: Report, code: str) -> Part:
    every = (one for head in report.heads for one in (head.own, *head.parts) if one)
    return next(one for one in every if one.record["code"] == code)


def test_a_report_counts_with_every_denominator_and_holds_every_commitment(followed: Engine, tmp_path: Path) -> None:
    with db.reading(followed) as session:
        report, _ = made(session, tmp_path, Cutoff(as_of=date(2021, 1, 31)))
    assert [(done, of) for _, done, of in report.completed] == [(1, 96), (1, 82), (1, 2), (1, 2)]
    assert report.band == (1, 96, 96)
    assert sum(number for _, number, _ in report.statuses) == 96
    assert sum(len(head.parts) for head in report.heads) + len(report.heads) == 120


def test_a_report_says_what_is_not_known(followed: Engine, tmp_path: Path) -> None:
    with db.reading(followed) as session:
        report, _ = made(session, tmp_path)
    assert part(report, "CZ-2020-01.1").unknown == ["还没有人查看。"]
    assert "查了 1 处" in part(report, "CZ-2020-21.4").unknown[0]
    assert "不等于没有办" in part(report, "CZ-2020-21.4").unknown[0]


def test_the_page_stands_by_itself_and_is_for_a4(followed: Engine, tmp_path: Path) -> None:
    with db.reading(followed) as session:
        report, signed = made(session, tmp_path, language="en")
    page = reports.page(report, signed)
    table = Table(page)
    assert not table.tags & {"script", "link", "img", "iframe"}
    assert not re.search(r"@import|url\(| style=", page)
    assert "size: A4" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert f'href="{PAGE}"' in page
    assert checkpoints.read(signed)[0].origin in page
    assert "unsafe" not in reports.policy()


def test_the_document_has_headings_contents_fonts_and_tables_whose_header_is_repeated(
    followed: Engine, tmp_path: Path
) -> None:
    out, again = io.BytesIO(), io.BytesIO()
    with db.reading(followed) as session:
        report, signed = made(session, tmp_path)
    reports.write_docx(report, signed, out)
    reports.write_docx(report, signed, again)
    assert out.getvalue() == again.getvalue()
    paper = docx.Document(out)
    said = paper.core_properties
    assert (said.title, said.language) == ("郴州的承诺：逐条报告", "zh-CN")
    headings = [one.text for one in paper.paragraphs if one.style.name.startswith("Heading")]
    assert {"方法", "总数", "逐条", "出处", "许可", "引用", "检查点"} <= set(headings)
    assert sum(bool(re.match(r"CZ-2020-\d+\.\d", one)) for one in headings) == sum(len(h.parts) for h in report.heads)
    fonts = paper.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "微软雅黑"
    assert "TOC" in "".join(one.text or "" for one in paper.element.iter(qn("w:instrText")))
    assert len(paper.tables) == 2
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in paper.tables)
    links = [link.address for one in paper.paragraphs for link in one.hyperlinks]
    assert PAGE in links
    assert (round(paper.sections[0].page_width.mm), round(paper.sections[0].page_height.mm)) == (210, 297)


def test_the_command_writes_both_forms_in_both_languages_as_of_a_day(
    run: Run, followed: Engine, tmp_path: Path
) -> None:
    assert followed
    for form in ("html", "docx"):
        words = ["--lang", "en", "--as-of", "2020-12-30", "--out", str(tmp_path / f"x.{form}")]
        assert run("report", "--city", "郴州", *words).code == 0
    page = (tmp_path / "x.html").read_text()
    assert '<html lang="en">' in page
    assert "As things stood on 2020-12-30" in page
    assert page.count("<svg") == 2
    assert "已验收" not in page
    assert "has to end in" in refused(run("report", "--city", "郴州", "--out", str(tmp_path / "x.pdf")))
    assert "is no city" in refused(run("report", "--city", "长沙", "--out", str(tmp_path / "y.html")))
    assert not (tmp_path / "y.html").exists()


@pytest.fixture
def reader(opened: Callable[..., Flask], followed: Engine, ledger_url: str) -> FlaskClient:
    assert followed
    return opened(ledger_url).test_client()


def test_readers_find_the_report_on_the_page_of_the_city_at_the_same_day(reader: FlaskClient) -> None:
    page = reader.get("/cities/chenzhou?as_of=2021-01-31").text
    for more in ("", "&amp;format=docx"):
        assert f"/cities/chenzhou/report?as_of=2021-01-31{more}" in page
    answer = reader.get("/cities/chenzhou/report?as_of=2020-12-30")
    assert answer.status_code == 200
    assert "已验收" not in answer.text
    assert "已验收" in reader.get("/cities/chenzhou/report").text
    assert reader.get("/cities/郴州/report?lang=en").headers["Location"] == "/cities/chenzhou/report?lang=en"
    assert reader.get("/cities/changsha/report").status_code == 404
    assert reader.get("/cities/chenzhou/report?format=pdf").status_code == 400


@pytest.mark.parametrize("form", ["html", "docx"])
def test_a_report_that_has_not_changed_is_not_sent_again(reader: FlaskClient, followed: Engine, form: str) -> None:
    address = f"/cities/chenzhou/report?format={form}"
    first = reader.get(address)
    assert first.status_code == 200
    known = {"If-None-Match": first.headers["ETag"]}
    assert reader.get(address, headers=known).status_code == 304
    with db.writing(followed, actor=ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.NO_EVIDENCE_FOUND)
    again = reader.get(address, headers=known)
    assert again.status_code == 200
    if form == "docx":
        assert docx.Document(io.BytesIO(again.data)).paragraphs[0].text == "郴州的承诺：逐条报告"


def test_only_approved_judgements_are_reported_where_readers_see_no_others(
    opened: Callable[..., Flask], followed: Engine, ledger_url: str
) -> None:
    assert followed
    page = opened(ledger_url, readers_see="approved").test_client().get("/cities/chenzhou/report").text
    assert "已验收" in page
    assert "没有查到" not in page.replace("指查过公开来源没有查到", "")
