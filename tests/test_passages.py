"""A quote becomes a passage."""

from __future__ import annotations

import pytest

from tracker.passages import QuoteAmbiguous, QuoteNotFound, audible, gaps, locate, merged, sentence_around

TEXT = "下半年，建设有色产业园。建设大数据产业园！\n大数据是优势。"


def test_a_quote_is_located_by_code_points() -> None:
    start, end = locate("𠀀𠀁建设", "建设")
    assert (start, end) == (2, 4)


def test_a_quote_that_stands_nowhere_is_refused_with_its_words() -> None:
    with pytest.raises(QuoteNotFound, match="养老"):
        locate(TEXT, "养老")


def test_a_quote_that_stands_twice_is_refused() -> None:
    with pytest.raises(QuoteAmbiguous, match="大数据"):
        locate(TEXT, "大数据")


def test_a_quote_that_overlaps_itself_stands_twice() -> None:
    with pytest.raises(QuoteAmbiguous):
        locate("哈哈哈", "哈哈")


def test_a_focus_is_looked_for_within_its_quote_only() -> None:
    quote = locate(TEXT, "建设大数据产业园")
    assert locate(TEXT, "大数据", within=quote) == (14, 17)


def test_an_empty_quote_stands_nowhere() -> None:
    with pytest.raises(QuoteNotFound):
        locate(TEXT, "")


def test_the_sentence_before_and_after_a_passage() -> None:
    start, end = locate(TEXT, "建设大数据产业园！")
    assert sentence_around(TEXT, start, end) == ("下半年，建设有色产业园。", "大数据是优势。")


def test_a_passage_within_a_sentence_is_completed_by_its_own_sentence() -> None:
    start, end = locate(TEXT, "有色")
    assert sentence_around(TEXT, start, end) == ("下半年，建设", "产业园。建设大数据产业园！")


def test_gaps_are_what_no_span_holds() -> None:
    assert merged([(5, 7), (0, 2), (2, 3)]) == [(0, 3), (5, 7)]
    assert gaps([(5, 7), (0, 2)], (1, 9)) == [(2, 5), (7, 9)]
    assert gaps([(0, 20)], (3, 9)) == []


def test_punctuation_and_bare_connectives_are_silent() -> None:
    assert audible("一是、“同时”。（此外）：") == ""
    assert audible("一是打好 “组合拳”。") == "打好组合拳"
