"""How questions and their answers read in a terminal: Chinese first, English beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from tracker.cli.tables import table
from tracker.codebook import Coded
from tracker.questions import PARAMETERS, Column, Question, Shape
from tracker.records import Record

#: Shapes that stand below one another in the last column: a terminal has no room for them side by side.
_LONG = {Shape.TEXT, Shape.QUOTE, Shape.LINK}


def listed(questions: Iterable[Question]) -> Iterator[str]:
    """Every question with its sentence and what it takes."""
    yield from table(
        ["名称 Name", "可用 Takes", "问什么 What it asks"],
        [
            [
                question.name,
                "\n".join(_option(question, option) for option in question.parameters),
                f"{question.zh} / {question.en}\n{question.sentence_zh}\n{question.sentence_en}",
            ]
            for question in questions
        ],
    )
    yield "\n每问均可加 / each takes: --as-of DAY --recorded-by DAY --format table|csv|jsonl|xlsx --limit N"


def _option(question: Question, option: str) -> str:
    needed = " （必填 required）" if option in question.required else ""
    return f"--{option} {PARAMETERS[option][0]}{needed}"


def answered(question: Question, rows: Sequence[Record]) -> Iterator[str]:
    """The lines of an answer: the question, its rows, how many there are."""
    yield f"{question.zh} / {question.en}"
    yield question.sentence_zh
    yield question.sentence_en
    sections = question.sections
    for section, held in groupby(rows, key=lambda row: _value(sections, row, " ") if sections else ""):
        group = list(held)
        yield f"\n{section} ({len(group)})" if section else ""
        yield from _table(question, group)
    yield f"\n共 {len(rows)} 行 / {len(rows)} rows"


def _table(question: Question, rows: Sequence[Record]) -> Iterator[str]:
    short = [column for column in question.columns if column.shape not in _LONG]
    long = [column for column in question.columns if column.shape in _LONG]
    yield from table(
        [*(f"{column.zh}\n{column.en}" for column in short), "内容 Content"],
        [[*(_value(column, row, "\n") or "—" for column in short), "\n".join(_lines(long, row))] for row in rows],
    )


def _lines(columns: Iterable[Column], row: Record) -> Iterator[str]:
    for column in columns:
        said = _value(column, row, "\n")
        beside = row[column.beside] if column.beside else None
        if said and column.shape is Shape.QUOTE:
            said = f"“{beside or said}”"
        elif said and beside and beside != said:
            said = f"{said}  {beside}"
        if said:
            yield f"{column.zh} {column.en}: {said}"


def _value(column: Column, row: Record, between: str) -> str:
    said = [text for key in column.keys if (text := _text(row[key], column.shape))]
    return between.join(dict.fromkeys(said))


def _text(value: Any, shape: Shape) -> str:
    match value:
        case None:
            return ""
        case Coded():
            return f"{value.zh} {value.en}".strip()
        case datetime():
            return f"{value:%Y-%m-%d %H:%M} UTC"
        case float():
            return f"{value:.1%}" if shape is Shape.SHARE else f"{value:,.12g}"
        case _:
            return str(value)
