"""`tracker import`: what it prints, how it ends, and that a mistake writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from test_cli import Run, anywhere, run
from test_importing import TABLE
from tracker import seed
from tracker.models import Commitment, Upload
from visiting import count

__all__ = ["anywhere", "run"]

HOW = [
    "--map", "序号=code", "--set", "code_prefix=HY-2020-", "--set", "city=430400", "--set", "city_zh=衡阳",
    "--set", "city_en=Hengyang", "--set", "document=hengyang-2020", "--set", "document_publisher=衡阳市人民政府",
    "--set", "document_date=2020", "--set", "effective_on=2020-06", "--analyst", "测试员",
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "衡阳.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_dry_run_tells_and_writes_nothing(run: Run, file: Path, ledger: Engine) -> None:
    before = count(ledger, Commitment)
    answer = run("import", str(file), "--dry-run", *HOW)
    assert answer.code == 0
    assert "新增承诺 new commitments 3" in answer.text
    assert count(ledger, Commitment) == before


def test_an_import_writes_and_the_list_of_the_city_shows_it(run: Run, file: Path) -> None:
    assert "新增 new 3" in run("import", str(file), *HOW).text
    assert [row["code"] for row in run("list", "--city", "衡阳", "--format", "jsonl").records] == [
        "HY-2020-1", "HY-2020-2", "HY-2020-3"]  # fmt: skip
    assert "新增 new 0" in run("import", str(file), *HOW).text
    assert run("verify").code == 0


def test_a_fault_ends_with_2_and_one_line_and_writes_nothing(run: Run, file: Path, ledger: Engine) -> None:
    before = count(ledger, Commitment)
    answer = run("import", str(file), *HOW[:4])
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "没有写入" in answer.err
    assert "没有写城市" in answer.text
    assert count(ledger, Commitment) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--map", "没有这列=code"], "表里没有"),
        (["--map", "事项=nonsense"], "没有“nonsense”这种含义"),
        (["--word", "推进中=nonsense"], "没有“nonsense”这种状态"),
        (["--scheme", "nonsense"], "没有评级体系"),
        (["--encoding", "gb18030"], "编码"),
    ],
)
def test_what_is_not_understood_is_told_in_one_line(run: Run, file: Path, words: list[str], said: str) -> None:
    answer = run("import", str(file), *words)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert said in answer.err


def test_how_a_table_is_read_can_be_printed_and_given_again(run: Run, file: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_bytes(run("import", str(file), *HOW, "--show-mapping").out)
    answer = run("import", str(file), "--mapping", str(mapping), "--dry-run")
    assert (answer.code, "新增承诺 new commitments 3" in answer.text) == (0, True)


def test_a_coding_of_the_seed_goes_in_as_a_file(run: Run, ledger: Engine) -> None:
    path = seed.folder() / "coding" / "jingzhou-2020.yaml"
    assert "新增 added 0 · 改动 changed 0" in run("import", str(path), "--analyst", "测试员").text
    assert count(ledger, Upload) == 0


def test_what_a_column_can_mean_is_listed(run: Run) -> None:
    answer = run("import", "--columns")
    assert "unit_lead" in answer.text
    assert "followup2.summary" in answer.text
