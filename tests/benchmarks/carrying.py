"""What carries much at once, and what starts from nothing: exports, the import of a table, and commands."""

from __future__ import annotations

import csv
import io
import statistics
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import cold_start
import invented
import launched
import truth
from clients import Client
from figures import MEGABYTES, RATE, SECONDS, Figure, Figures
from launched import TRACKER, Server
from ledgers import Ledger, copied
from openpyxl import load_workbook

from tracker.codebook import Kind, Tense

#: Which city's table is taken away: it has a hundredth of all commitments or so.
_CITY = 10

#: A word that stands nowhere.
_NOWHERE = "不见于任何原文的词"


def exports(ledger: Ledger, server: Server) -> Figures:
    """A city's table over HTTP as CSV and XLSX, and the largest as CSV with the memory that it takes."""
    code = ledger.codes[_CITY - 1]
    expected = truth.of_city(ledger, code)
    found: Figures = {}
    for form, read in (("CSV", _csv), ("XLSX", _xlsx)):
        body, seconds = _taken(server, f"/cities/generated-{_CITY:04}?format={form.lower()}")
        _same(f"{form} of {code}", read(body), expected)
        found[f"{form} of a city"] = Figure(len(expected) / seconds, RATE, note=f"{len(expected):,} rows")
    largest = truth.of_city(ledger, ledger.codes[0])
    server.forget_peak()
    held = server.held()
    body, seconds = _taken(server, "/cities/generated-0001?format=csv")
    _same("CSV of the largest city", _csv(body), largest)
    note = f"{len(largest):,} rows in {seconds:,.1f} s"
    found["memory added by an export, over HTTP"] = Figure(server.peak() - held, MEGABYTES, note=note)
    found["memory added by an export, `tracker export`"] = _by_command(ledger)
    return found


def _taken(server: Server, path: str) -> tuple[bytes, float]:
    client = Client(server.port)
    start = time.perf_counter()
    answer = client.get(path)
    seconds = time.perf_counter() - start
    client.close()
    assert answer.status == 200, (path, answer.status)
    return answer.body, seconds


def _csv(body: bytes) -> list[str]:
    return [row["code"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]


def _xlsx(body: bytes) -> list[str]:
    rows = load_workbook(io.BytesIO(body), read_only=True).active.iter_rows(values_only=True)
    place = list(next(rows)).index("code")
    return [str(row[place]) for row in rows]


def _same(what: str, found: list[str], expected: list[str]) -> None:
    if found != expected:
        raise SystemExit(f"{what}: {len(found)} rows and not the {len(expected)} that plain SQL finds, in their order")


def _by_command(ledger: Ledger) -> Figure:
    """Memory that the export of 100,000 commitments (or of all) takes beyond that of none, in MB."""
    out = ledger.folder / "taken.csv"
    words = [TRACKER, "--database", ledger.url, "export", "--format", "csv", "--out", str(out)]
    none, _ = largest([*words, "--search", _NOWHERE])
    some = ["--city", ledger.codes[0]] if ledger.size > 100_000 else []
    start = time.perf_counter()
    every, _ = largest([*words, *some])
    seconds = time.perf_counter() - start
    rows = _csv(out.read_bytes())
    for file in out.parent.glob(f"{out.name}*"):
        file.unlink()
    _same("export", rows, truth.of_city(ledger, ledger.codes[0]) if some else truth.every(ledger, ledger.size))
    return Figure(every - none, MEGABYTES, note=f"{len(rows):,} rows in {seconds:,.1f} s")


def largest(words: list[str]) -> tuple[float, float]:
    """Most memory that a command has held, in MB, and its seconds."""
    start, most = time.perf_counter(), 0.0
    # What `wait4` tells of its largest size counts this process too, from which it was forked.
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as command:
        while command.poll() is None:
            most = max(most, launched.peak_of(command.pid))
            time.sleep(0.005)
    assert command.returncode == 0, words
    return most, time.perf_counter() - start


def cold(ledger: Ledger, runs: int) -> Figures:
    """Seconds of a command from nothing, and of Python alone."""
    command = [TRACKER, "--database", ledger.url, "list", "--city", ledger.codes[-1]]
    seconds = statistics.median(cold_start.timed(command) for _ in range(runs))
    alone = statistics.median(cold_start.timed([sys.executable, "-c", "pass"]) for _ in range(runs))
    return {"`tracker list` of a city, from nothing": Figure(seconds, SECONDS, note=f"Python alone {alone:.3f} s")}


def imported(ledger: Ledger, server: str, rows: int) -> Figures:
    """Commitments a second that `tracker import` takes in, from its start to its end."""
    file = ledger.folder / "table.csv"
    _table(file, rows)
    city = ledger.codes[4]
    with copied(ledger, server, "imported") as copy:
        before = copy.value("SELECT count(*) FROM commitment")
        said = {
            "city": city, "document": "bench-table", "document_title": "测试任务分解表", "document_date": "2025",
            "document_publisher": "测试日报", "document_kind": "task_table",
        }  # fmt: skip
        words = [word for name, value in said.items() for word in ("--set", f"{name}={value}")]
        command = [TRACKER, "--database", copy.url, "import", str(file), *words, "--analyst", "测试导入员"]
        memory, seconds = largest(command)
        there = copy.value("SELECT count(*) FROM commitment") - before
    file.unlink()
    if there != rows:
        raise SystemExit(f"{rows:,} rows were imported and {there:,} are there")
    return {"import of a table": Figure(rows / seconds, RATE, note=f"{rows:,} rows, {memory:,.0f} MB")}


def _table(file: Path, rows: int) -> None:
    """A task table of a city, evidently generated."""
    random = Random(7)  # noqa: S311 - the same each time
    kinds, tenses = list(Kind), list(Tense)
    with file.open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out).writerow
        write(["编号", "标题", "英文标题", "原话", "类别", "时态"])
        for number in range(1, rows + 1):
            title = invented.title(random)
            write([
                f"TB-2025-{number:06}", title, f"Table {number}", f"{number}. {invented.sentence(random, title)}",
                random.choice(kinds).value, random.choice(tenses).value,
            ])  # fmt: skip
