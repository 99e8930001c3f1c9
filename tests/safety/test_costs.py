"""Hostile input costs little: long searches, patterns, bombs, and bodies over the limit."""

from __future__ import annotations

import ast
import gzip
import importlib
import pkgutil
import re
import shutil
import signal
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import click
import pytest
from flask.testing import FlaskClient

import tracker
from tracker import pasted, seed
from tracker.cli.coding_sheets import LARGEST_SHEET, filled
from tracker.pasted import MOST_ROWS
from visiting import send


@contextmanager
def cheaply(seconds: float, megabytes: float) -> Iterator[None]:
    """What is done here takes no more processor time and memory than that."""
    tracemalloc.start()
    began = time.process_time()
    try:
        yield
    finally:
        spent, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak <= megabytes * 1024 * 1024
    # Measuring memory makes everything several times slower.
    assert spent <= seconds * 4


# --- I8


@pytest.mark.parametrize("address", ["/commitments", "/desk/commitment/", "/desk/evidence/"])
def test_I8_a_search_is_bounded_and_cheap(analyst: FlaskClient, address: str) -> None:
    analyst.get(address)
    for search in ("a" * 25_000, "%" * 300, "字" * 25_000, "a_" * 12_500):
        assert min(searched(analyst, address, search, 400) for _ in range(2)) < 0.2
    longest = 100 if address == "/commitments" else 200
    for search in (
        "%" * longest,
        "_%" * (longest // 2),
        "\\" * longest,
        "' \"" * (longest // 3),
        "a b " * (longest // 4),
    ):
        assert min(searched(analyst, address, search, 200) for _ in range(2)) < 0.2, search[:5]


def searched(client: FlaskClient, address: str, search: str, status: int) -> float:
    """Processor time of a search that is answered so."""
    began = time.process_time()
    assert client.get(address, query_string={"search": search}).status_code == status
    return time.process_time() - began


# --- I9


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern of the program: those that are kept by name, and those that are written where they are used."""
    for module in pkgutil.walk_packages(tracker.__path__, "tracker."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            for pattern in value if isinstance(value, tuple | list) else [value]:
                if isinstance(pattern, re.Pattern):
                    yield f"{module.name}.{name}", pattern
        for node in ast.walk(ast.parse(Path(str(loaded.__file__)).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
                first = node.args[0]
                if (
                    isinstance(first, ast.Constant)
                    and isinstance(first.value, str)
                    and not ast.unparse(node.func).endswith("escape")
                ):
                    yield f"{module.name}:{node.lineno}", re.compile(first.value)


#: Asked of a password only, which is bounded before.
_BOUNDED = {r"(.+?)\1+"}

PATTERNS = {pattern.pattern: (where, pattern) for where, pattern in patterns() if pattern.pattern not in _BOUNDED}

_SIZE = 100_000
HOSTILE = [
    piece * (_SIZE // len(piece))
    for piece in (
        "a", "A", "aA", "1", "字", " ", "\n", "-", ".", ",", "、", "a ", "a,", "字a", "1.", "2020-12-31 ", "<", "(", "[", "{", "@", "@a", "a@", "%", "\\", '"', "'",
        "http://a", "https://a.", "/", "../", "=", "&a=", "x\ty\t", "，", "“", "”", "1年", "第1", "（", "9/", "CZ-2020-01.1 ", "aaaa bbb, ", "\u3000", "ſ", "é",
    )
]  # fmt: skip


class TooLong(Exception):
    """A pattern did not come to an end."""


@pytest.fixture
def _cut_off() -> Iterator[None]:
    """A pattern that takes for ever is told of, and not waited for."""

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


def takes_long(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern spends more than 50 ms of processor time on a text; it is cut off after half a second."""
    asked: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, 0.5)
    try:
        pattern.search(asked)
        pattern.fullmatch(asked)
    except TooLong:
        return True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return time.process_time() - began > 0.05


def too_slow_for(pattern: re.Pattern[str]) -> Iterator[str]:
    """The texts that a pattern takes long on. The second try is for what the machine, not the pattern, was slow at."""
    return (piece[:9] for piece in HOSTILE if takes_long(pattern, piece + "!") and takes_long(pattern, piece + "!"))


@pytest.mark.usefixtures("_cut_off")
def test_I9_no_pattern_takes_long_on_hostile_text() -> None:
    slow = [(where, pattern.pattern, *islice(too_slow_for(pattern), 1)) for where, pattern in PATTERNS.values()]
    assert [one for one in slow if len(one) > 2] == []


def test_I9_the_patterns_are_found() -> None:
    assert len(PATTERNS) > 30


# --- I3


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    "bomb",
    [
        LAUGHS,
        "[" * 100_000,
        "{a: " * 50_000,
        "&a [*a]",
        "? " * 50_000,
        "a: !!python/object/apply:os.system [id]\n",
        "- " * 100_000,
    ],
)
def test_I3_a_bomb_in_a_seed_file_is_refused(interviews: Path, tmp_path: Path, bomb: str) -> None:
    folder = Path(shutil.copytree(interviews, tmp_path / "seed"))
    file = min((folder / "vocabularies").glob("*.yaml"))
    file.write_text(bomb, encoding="utf-8")
    with cheaply(1, 50), pytest.raises(seed.SeedError, match=file.name):
        seed.check(folder)


def test_I3_a_giant_paste_is_refused() -> None:
    with cheaply(1, 50):
        for text in ("a" * 8_000_000, "\t" * 5_000_000, "\n" * 5_000_000, '"' * 5_000_000):
            assert pasted.read(text, today=date(2021, 1, 31)).faults


def test_I3_a_giant_sheet_is_refused(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    with sheet.open("wb") as file:
        file.truncate(LARGEST_SHEET + 1)
    with cheaply(1, 50), pytest.raises(click.UsageError, match="MB"):
        filled(sheet)


def test_I3_what_is_sent_compressed_is_not_unpacked(analyst: FlaskClient) -> None:
    bomb = gzip.compress(b"text=" + b"a" * 20_000_000)
    with cheaply(1, 50):
        answer = analyst.post(
            "/desk/comments/add?code=CZ-2020-01",
            data=bomb,
            headers={"Content-Encoding": "gzip"},
            content_type="application/x-www-form-urlencoded",
        )
    assert answer.status_code == 400


# --- I4


@pytest.mark.parametrize("address", ["/desk/comments/add?code=CZ-2020-01", "/sign-in", "/desk/bulk/sheet/", "/nowhere"])
def test_I4_a_body_over_the_limit_is_refused(analyst: FlaskClient, address: str) -> None:
    with cheaply(1, 50):
        answer = analyst.post(address, data={"text": "a" * 2_200_000})
    assert answer.status_code in (
        {413, 400} if address == "/sign-in" else {404, 413} if address == "/nowhere" else {413}
    )


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_I4_a_form_of_too_many_parts_is_refused(analyst: FlaskClient, kind: str) -> None:
    parts = {f"part{number}": "" for number in range(1001)}
    assert analyst.post("/desk/comments/add?code=CZ-2020-01", data=parts, content_type=kind).status_code in {400, 413}


def test_I4_a_sheet_of_too_many_rows_or_too_long_a_cell_is_refused(analyst: FlaskClient) -> None:
    headings = "编号\t执行状态\t状态生效日\t核查结论\n"
    many = headings + "CZ-2020-01\t未核查\t2020-12-31\t查\n" * (MOST_ROWS + 1)
    wide = headings + "CZ-2020-01\t未核查\t2020-12-31\t" + "查" * 100_000
    long = headings + "CZ-2020-01\t未核查\t2020-12-31\t" + "查" * 180_000
    for rows in (many, wide, long):
        answer = send(analyst, "/desk/bulk/sheet/", {"text": rows, "do": "preview"})
        assert answer.status_code in {413, 422}
    assert pasted.read(many, today=date(2021, 1, 31)).faults
    assert pasted.read(long, today=date(2021, 1, 31)).faults
