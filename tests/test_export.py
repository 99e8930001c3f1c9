"""What is exported can be opened by anybody, and runs nothing on their machine."""

from __future__ import annotations

import csv
import gc
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from tracker import export
from tracker.codebook import Kind
from tracker.records import Record

ROW: Record = {
    "code": "CZ-2020-01",
    "kind": Kind.SECOND_HALF_PLAN,
    "quote": "下半年，\n“建设”",
    "value": -3.5,
    "is_leaf": True,
    "window_end": date(2020, 12, 31),
    "recorded_at": datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC),
    "units": [{"code": "guiyang-county", "role": "responsible"}],
    "focus": None,
}

DANGEROUS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"]


def written(form: str, *rows: Record) -> bytes:
    out = io.BytesIO()
    assert export.write(iter(rows), form, out) == len(rows)
    return out.getvalue()


def test_csv_begins_with_a_mark_and_keeps_every_value() -> None:
    content = written("csv", ROW, ROW)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    assert rows[0]["kind"] == "second_half_plan"
    assert rows[0]["quote"] == "下半年，\n“建设”"
    assert rows[0]["value"] == "-3.5"
    assert json.loads(rows[0]["units"])[0]["code"] == "guiyang-county"
    assert rows[0]["focus"] == ""


def test_a_line_of_json_keeps_types_and_characters() -> None:
    row = json.loads(written("jsonl", ROW))
    assert row["quote"] == ROW["quote"]
    assert row["is_leaf"] is True
    assert row["window_end"] == "2020-12-31"
    assert row["recorded_at"] == "2021-01-02T03:04:05+00:00"
    assert row["focus"] is None


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_a_spreadsheet_would_run_stays_text(text: str) -> None:
    rows = list(csv.reader(io.StringIO(written("csv", {"note": text}).decode("utf-8-sig"), newline="")))
    assert rows[1] == ["'" + text]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_of_a_workbook_is_a_formula(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", {"note": text, "value": -1})))
    cells = next(book.worksheets[0].iter_rows(min_row=2))
    assert [cell.data_type for cell in cells] == ["s", "n"]
    assert cells[1].value == -1


def test_an_address_in_a_workbook_is_no_link_that_opens_by_itself() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", {"url": "https://example.org"})))
    assert book.worksheets[0]["A2"].hyperlink is None


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_the_same_rows_are_the_same_bytes(form: str) -> None:
    assert written(form, ROW, ROW) == written(form, ROW, ROW)


def test_a_workbook_does_not_say_when_it_was_made() -> None:
    said = openpyxl.load_workbook(io.BytesIO(written("xlsx", ROW))).properties
    assert said.created == datetime(2020, 1, 1)  # noqa: DTZ001 - as openpyxl reads it


def test_the_header_of_a_workbook_stays_in_view_and_filters_and_long_texts_are_wrapped() -> None:
    row = {"code": "CZ-2020-01", "no": True, "quote": "下半年开工" * 20}
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", row, row))).worksheets[0]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:C3")
    widths = {name: sheet.column_dimensions[name].width for name in "ABC"}
    assert widths["A"] == pytest.approx(11.7, abs=0.5)
    assert widths["B"] < widths["A"] < widths["C"] < 50
    assert (sheet["C2"].alignment.wrap_text, bool(sheet["A2"].alignment.wrap_text)) == (True, False)


def test_nothing_found_is_an_empty_file() -> None:
    assert written("csv") == b""
    assert written("jsonl") == b""


@pytest.mark.parametrize("fails", [False, True])
def test_a_workbook_without_rows_or_cut_short_leaves_no_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows() -> Iterator[Record]:
        if fails:
            yield ROW
            raise ValueError("cut short")

    with pytest.raises(ValueError, match="cut short") if fails else nullcontext():
        export.write(rows(), "xlsx", io.BytesIO())
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_an_export_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("before")

    def rows() -> Iterator[Record]:
        yield ROW
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"), export.replacing(path) as file:
        export.write(rows(), "csv", file)
    assert path.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir()] == ["ledger.csv"]


def test_an_export_writes_through_a_link_and_keeps_the_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "a.csv", tmp_path / "b.csv"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    with export.replacing(link) as file:
        file.write(b"after")
    assert link.is_symlink()
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("after", 0o640)


def test_an_export_replaces_nothing_but_files(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="is no file"), export.replacing(tmp_path):
        pass
    assert tmp_path.is_dir()
