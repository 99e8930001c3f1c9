"""Named things that a reader looks for are found where they were said."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from tracker import filters, queries, search

NAMED = """
有色产业园 大数据产业园 智能铸造产业园 智能家居产业园 矿物宝石产业园 桂阳县 天翼云 网上签约 云开工 小巨人 湘十条 南大门 72条
标准地 交地交证即开工 消费升级行动计划 一带一路 朋友圈 工业互联网 5G网络 石墨新材料 农用机械 跨境电商综试区 粤港澳大湾区
最低生活保障 产业引导资金 综合保税区 空港产业园 自由贸易试验区 基准利率 专项再贷款 四大家 千名干部进千企 熊出没 复兴之路 浩吉铁路
江陵绿色能化产业园 医疗大健康 对口援助 荆州产业园 市长带你看荆州 冷链物流 保运转 世界银行 工信部 稳就业 新能源新材料
""".split()  # noqa: SIM905


def found(session: Session, words: str) -> list[str]:
    asked = filters.CommitmentFilter(search=words)
    return [row.code for row in session.execute(queries.commitments(asked))]


@pytest.mark.parametrize("words", NAMED)
def test_a_named_thing_is_found(desk: Session, words: str) -> None:
    assert found(desk, words)


def test_养老_is_in_neither_interview(desk: Session) -> None:  # noqa: PLC2401 - the word is the test
    assert found(desk, "养老") == []
    assert desk.scalars(search.documents_holding("养老")).all() == []


def test_a_search_for_one_park_finds_that_park_not_the_whole_list(desk: Session) -> None:
    titles = [
        row.title_zh for row in desk.execute(queries.commitments(filters.CommitmentFilter(search="矿物宝石产业园")))
    ]
    assert "加快建设矿物宝石产业园" in titles
    assert not any("有色产业园" in title for title in titles)


def test_a_verb_that_a_list_shares_finds_the_list(desk: Session) -> None:
    assert len(found(desk, "加快建设")) > 1


def test_signs_of_pattern_matching_mean_themselves(desk: Session) -> None:
    assert found(desk, "%%%") == []
    assert found(desk, "_") == []


def test_letters_match_in_either_case(desk: Session) -> None:
    assert found(desk, "5g网络") == found(desk, "5G网络")


def test_a_commitment_is_found_by_its_code_and_its_english_title(desk: Session) -> None:
    assert found(desk, "cz-2020-21.1") == ["CZ-2020-21.1"]
    assert "CZ-2020-21.1" in found(desk, "non-ferrous metals park")


@pytest.mark.parametrize(("words", "times"), [("园区", 1), ("5G网络", 1), ("T0001", 0), ("GDP", 0)])
def test_postgresql_does_not_look_for_latin_letters_that_every_text_has(words: str, times: int) -> None:
    asked = queries.commitments(filters.CommitmentFilter(search=words), only=["code"])
    assert str(asked.compile(dialect=postgresql.dialect())).count(" @> string_to_array") == times
