"""`/data`: what can be had, and that it is what the page says."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import docx
import frictionless
import openpyxl
import pytest
import sqlite_utils
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from following import ANALYST, record
from tracker import db
from tracker.codebook import Execution


@pytest.fixture
def reader(opened: Callable[..., Flask], ledger: Engine, ledger_url: str) -> FlaskClient:
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, "CZ-2020-17.2", Execution.COMPLETED)
    return opened(ledger_url).test_client()


def files(reader: FlaskClient, address: str = "/data") -> list[str]:
    page = reader.get(address).text
    return [unescape(found) for found in re.findall(r'href="(/[^"]*(?:format=|/data/ledger)[^"]*)"', page)]


def test_every_file_that_the_page_names_is_there_at_the_day_that_it_shows(reader: FlaskClient) -> None:
    found = files(reader, "/data?as_of=2020-12-30")
    assert len(found) >= 14
    for address in found:
        answer = reader.get(address)
        assert (address, answer.status_code) == (address, 200)
        assert "codebook" in address or "as_of=2020-12-30" in address
    assert any("report" in address for address in found)


def test_every_page_leads_to_the_data(reader: FlaskClient) -> None:
    for address in ("/", "/cities/chenzhou", "/commitments", "/method"):
        assert 'href="/data"' in reader.get(address).text


def test_the_package_and_the_file_are_opened_by_others(reader: FlaskClient, tmp_path: Path) -> None:
    for form in ("zip", "db"):
        (tmp_path / f"ledger.{form}").write_bytes(reader.get(f"/data/ledger.{form}").data)
    assert frictionless.Package(str(tmp_path / "ledger.zip")).validate().valid
    found = sqlite_utils.Database(tmp_path / "ledger.db")
    assert found["standings"].get("CZ-2020-17.2")["execution"] == "completed"
    found.close()


@pytest.mark.parametrize("form", ["zip", "db"])
def test_a_file_says_what_it_was_made_from_and_is_sent_again_only_when_it_changed(
    reader: FlaskClient, ledger: Engine, form: str
) -> None:
    first = reader.get(f"/data/ledger.{form}")
    assert first.headers["Tracker-Checkpoint"]
    known = {"If-None-Match": first.headers["ETag"]}
    assert reader.get(f"/data/ledger.{form}", headers=known).status_code == 304
    with db.writing(ledger, actor=ANALYST) as session:
        record(session, "CZ-2020-01.1", Execution.NO_EVIDENCE_FOUND)
    assert reader.get(f"/data/ledger.{form}", headers=known).status_code == 200


def test_a_form_that_there_is_not_is_answered_404_and_names_those_there_are(reader: FlaskClient) -> None:
    answer = reader.get("/data/ledger.pdf")
    assert (answer.status_code, "/data/ledger.zip" in answer.text) == (404, True)


def test_lists_are_workbooks_and_the_report_is_a_document(reader: FlaskClient) -> None:
    for address in ("/commitments?format=xlsx&kind=investment_priority", "/cities/chenzhou?format=xlsx"):
        sheet = openpyxl.load_workbook(io.BytesIO(reader.get(address).data)).worksheets[0]
        assert sheet.freeze_panes == "B2"
        assert sheet.max_row > 10
    assert docx.Document(io.BytesIO(reader.get("/cities/chenzhou/report?format=docx").data)).paragraphs


def test_a_draft_is_in_no_file(reader: FlaskClient, ledger: Engine) -> None:
    from sqlalchemy import select

    from tracker.codebook import PublicationState
    from tracker.models import Commitment

    with db.writing(ledger, actor=ANALYST) as session:
        row = session.scalars(select(Commitment).where(Commitment.code == "CZ-2020-17.2")).one()
        row.publication_state = PublicationState.DRAFT
    assert b"CZ-2020-17.2" not in reader.get("/data/ledger.db").data
    assert "CZ-2020-17.2" not in reader.get("/cities/chenzhou/report").text
