"""How an import reads in a terminal before it is made: Chinese first, English beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tracker.cli.tables import both, table
from tracker.codebook import Coded
from tracker.importing import Outcome, Reading, Table, Unreadable, mappings, targets

#: How many faults a terminal is told one by one, and names of each sort.
_FAULTS = 100
_NAMES = 20
_ROWS = 5

#: What is assumed of new commitments that do not say it.
_ASSUMED = {
    "kind": ("类别记为“其他”", "kind “other”"),
    "tense": ("时态记为“拟办”，把握低，附说明", "tense “planned”, confidence low, with a note"),
    "completion_zh": ("完成标志留待编码者补写", "what would show completion is left to a coder"),
    "deadline_text": ("“长期”之类不是时限，不记期限", "“ongoing” and the like are no date: no deadline"),
    "title_zh": ("中文标题取英文标题或原话开头", "the Chinese title is the English one, or the first words"),
    "title_en": ("英文标题取中文标题或原话开头", "the English title is the Chinese one, or the first words"),
}


def all_targets() -> Iterator[str]:
    """The lines that say what a column can mean."""
    yield from table(
        ["含义 Target", "中文 Chinese", "English", "内容 Holds"],
        [
            [one.name, one.column.zh, one.column.en, _holds(one.column.holds)]
            for one in targets.everything()
        ],
    )  # fmt: skip
    yield "第二次及以后的跟踪写作 followup2.summary / of a second follow-up: followup2.summary, and so on"


def _holds(holds: Any) -> str:
    if isinstance(holds, type) and issubclass(holds, Coded):
        codes = [code.value for code in holds]
        return "、".join(codes) if len(codes) < 9 else f"{codes[0]} … ({len(codes)})"
    return {"str": "", "int": "整数 whole number", "float": "%", "date": "日期 day"}.get(holds.__name__, "")


def preview(what: Table, reading: Reading, outcome: Outcome, *, is_known: bool) -> Iterator[str]:
    """The lines of a preview: how the table is read, its words, what would be done, all that is wrong."""
    known = "（沿用上次的映射 / as such a table was read last）" if is_known else ""
    yield f"{what.name} · {outcome.rows} 行 rows · {len(what.headings)} 列 columns{known}"
    yield from table(
        ["列 Column", "是 Means"],
        [[heading, ", ".join(reading.columns.get(heading, ())) or "— 不读 not read"] for heading in what.headings],
    )
    for name, value in reading.fixed.items():
        yield f"每行 every row: {name} = {value[:100]}"
    yield from _words(outcome)
    yield from _counts(outcome)
    yield from _names(outcome)
    for code, column, old, new in outcome.changes:
        yield f"改动 change: {code} {column}: {_shown(old)} → {_shown(new)}"
    yield from _faults(outcome)


def _words(outcome: Outcome) -> Iterator[str]:
    if not outcome.words:
        return
    yield ""
    yield from table(
        ["状态词 Word", "次 Times", "记为 Taken for", "对应 Match", "据 By"],
        [
            [word, str(times), both(meaning.word.execution), both(meaning.word.quality), meaning.known_from]
            for (word, meaning), times in outcome.words.most_common()
        ],
    )


def _counts(outcome: Outcome) -> Iterator[str]:
    yield ""
    heads = f"（其中总项 of them heads {outcome.made_heads}）" if outcome.made_heads else ""
    yield f"新增承诺 new commitments {outcome.new}{heads} · 改动 changed {outcome.changed} · 未变 same {outcome.same}"
    yield f"新的跟踪 new follow-ups {outcome.followups} · 已有 recorded already {outcome.known}"
    for name, count in outcome.assumed.items():
        zh, en = _ASSUMED[name]
        yield f"{count} 条未写 / {count} do not say it: {zh} / {en}"


def _names(outcome: Outcome) -> Iterator[str]:
    for zh, en, names in (
        ("新文献", "new documents", outcome.documents),
        ("新地方", "new places", outcome.places),
        ("新人物", "new people", outcome.people),
        ("新单位", "new units", outcome.units),
        ("新主题", "new subjects", outcome.terms),
    ):
        if names:
            more = " …" if len(names) > _NAMES else ""
            yield f"{zh} {en} ({len(names)}): {'; '.join(list(names)[:_NAMES])}{more}"
    for new, near in outcome.alike[:_NAMES]:
        yield f"写法相近，是否同一单位？/ almost alike, one unit? “{new}” — “{near}”"


def _faults(outcome: Outcome) -> Iterator[str]:
    if not outcome.troubles:
        return
    yield ""
    groups = outcome.grouped()
    yield from table(
        ["行 Row", "列 Column", "错误 Fault"],
        [[_rows(one.rows), one.column, f"{one.zh}\n{one.en}"] for one in groups[:_FAULTS]],
    )
    if outcome.trouble_count > len(outcome.troubles) or len(groups) > _FAULTS:
        yield f"…… 共 {outcome.trouble_count} 处 / in all"


def _rows(rows: tuple[int, ...]) -> str:
    """The first rows that have a fault, and how many there are."""
    more = f"\n… {len(rows)} 行 rows" if len(rows) > _ROWS else ""
    return ", ".join(map(str, rows[:_ROWS])) + more


def _shown(value: Any) -> str:
    return "—" if value is None else str(getattr(value, "value", value))[:60]


def as_yaml(reading: Reading) -> str:
    """A reading as a mapping file."""
    return yaml.safe_dump(reading.as_json(), allow_unicode=True, sort_keys=False)


def from_yaml(path: Path) -> Reading:
    """The reading of a mapping file. Raises `Unreadable`."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path.name} 不是 YAML", f"{path.name} is no YAML") from error
    return mappings.from_json(said)
