"""A page as data: what form is asked for, and how it is sent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager

import openpyxl
import pytest
from flask import Flask, Response
from sqlalchemy.orm import Session
from waitress.buffers import ReadOnlyFileBasedBuffer
from werkzeug.test import EnvironBuilder

from tracker import export
from tracker.codebook import Kind
from tracker.filters import CommitmentFilter
from tracker.pages import address, formats
from tracker.records import FIELDS, Record, records


@pytest.fixture
def app(opened: Callable[..., Flask], desk: Session) -> Flask:
    return opened(desk.get_bind().engine.url.render_as_string(hide_password=False))


@contextmanager
def sending(app: Flask, rows: Iterable[Record], form: str, known: str = "", **said: str) -> Iterator[Response]:
    """The answer with these rows, to somebody who may know one already."""
    with app.test_request_context("/x", headers={"If-None-Match": known}):
        meta = {**formats.meta(CommitmentFilter().cutoff), **said}
        with closing(formats.answer(rows, form, "chenzhou", meta)) as sent:
            yield sent


@pytest.mark.parametrize(
    ("asked", "accepts", "form"),
    [
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "html"),
        ("", "*/*", "html"),
        ("", "application/json", "json"),
        ("", "text/csv", "csv"),
        ("?format=xlsx", "text/html", "xlsx"),
        ("?format=csv", "application/json", "csv"),
        ("?format=", "application/json", "json"),
        ("", "application/xml", "html"),
    ],
)
def test_the_address_says_what_form_is_wanted_and_else_what_the_browser_accepts(
    app: Flask, asked: str, accepts: str, form: str
) -> None:
    with app.test_request_context(f"/{asked}", headers={"Accept": accepts}):
        assert formats.wanted() == form


def test_an_unknown_form_is_refused_with_those_there_are(app: Flask) -> None:
    with app.test_request_context("/?format=pdf&kind=x"), pytest.raises(address.UnknownValue) as refused:
        formats.wanted()
    assert [words for _, words in refused.value.links] == ["html", "json", "csv", "xlsx"]
    assert refused.value.links[1][0] == "?format=json&kind=x"


def test_records_are_sent_as_json_with_what_they_are_records_of(app: Flask, desk: Session) -> None:
    asked = CommitmentFilter(cities=("431000",), kinds=(Kind.SECOND_HALF_PLAN,))
    with sending(app, records(desk, asked), "json", city="431000") as sent:
        said = json.loads(sent.get_data())
    assert [row["code"] for row in said["rows"]] == [row["code"] for row in records(desk, asked)]
    assert said["meta"]["city"] == "431000"
    assert {"as_of", "recorded_by", "version", "codebook", "licence", "generated"} <= set(said["meta"])


def test_records_are_sent_as_a_file_that_excel_reads(app: Flask) -> None:
    rows = [{"code": "A", "title": "=1+1"}, {"code": "B", "title": "网上签约"}]
    with sending(app, rows, "csv") as sent:
        body = sent.get_data()
    assert body.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig")))) == [
        ["code", "title"], ["A", "'=1+1"], ["B", "网上签约"]
    ]  # fmt: skip
    assert sent.headers["Content-Disposition"] == "attachment; filename=chenzhou.csv"


def test_a_file_without_rows_still_names_its_columns(app: Flask) -> None:
    with sending(app, [], "csv") as sent:
        assert sent.get_data().decode("utf-8-sig").strip().split(",") == list(FIELDS)


def test_records_are_sent_as_a_workbook(app: Flask) -> None:
    with sending(app, [{"code": "A", "title": "=1+1"}, {"code": "B", "title": "网上签约"}], "xlsx") as sent:
        book = openpyxl.load_workbook(io.BytesIO(sent.get_data()))
    assert list(book.worksheets[0].iter_rows(values_only=True)) == [("code", "title"), ("A", "=1+1"), ("B", "网上签约")]
    assert book.worksheets[0]["B2"].data_type == "s"
    assert sent.headers["Content-Disposition"] == "attachment; filename=chenzhou.xlsx"
    assert sent.mimetype == export.XLSX
    with sending(app, [], "xlsx") as sent:
        empty = openpyxl.load_workbook(io.BytesIO(sent.get_data())).worksheets[0]
    assert [cell.value for cell in empty[1]] == list(FIELDS)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_what_has_not_changed_is_not_sent_again(app: Flask, form: str) -> None:
    def send(title: str, known: str = "") -> tuple[int, str]:
        with sending(
            app, [{"code": "A", "title": title}], form, known, generated="later" if known else "before"
        ) as sent:
            return sent.status_code, sent.headers["ETag"]

    status, mark = send("网上签约")
    assert status == 200
    assert send("网上签约", mark)[0] == 304
    assert send("网下签约", mark)[0] == 200


def test_a_long_answer_is_sent_from_its_file_by_a_server_that_can(app: Flask, desk: Session) -> None:
    rows = list(records(desk, CommitmentFilter())) * 10
    with sending(app, rows, "csv") as sent:
        whole = b"".join(sent.response)
    lengths: list[str] = []
    environ = EnvironBuilder("/x").get_environ() | {"wsgi.file_wrapper": ReadOnlyFileBasedBuffer}
    with app.request_context(environ):
        answer = formats.answer(rows, "csv", "chenzhou", formats.meta(CommitmentFilter().cutoff))
        body = answer(environ, lambda _status, headers, _error=None: lengths.append(dict(headers)["Content-Length"]))
    # What else is handed on would wait in the memory of the server until it is fetched.
    assert isinstance(body, ReadOnlyFileBasedBuffer)
    assert body.file.read() == whole
    assert lengths == [str(len(whole))]
    body.close()
    assert body.file.closed
