"""YAML whose mappings know the file and the line they stand on, so that an error can say where."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tracker.codebook import Coded
from tracker.models import LINE

try:  # the parser in C is eight times as fast; PyYAML has it on most machines
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # pragma: no cover
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

C = TypeVar("C", bound=Coded)

#: Longest file, in characters; the longest of the seed has a tenth of that.
_LONGEST_FILE = 2_000_000

#: Longest list of allowed codes that an error spells out.
_LISTED = 40

_DAY = r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?[?~%]?"
_EDTF = re.compile(rf"{_DAY}|(?:{_DAY}|\.\.)/(?:{_DAY}|\.\.)")


class SeedError(Exception):
    """A seed file is wrong. The text is `file:line: what is wrong; what to do`, the file as seen from the seed."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One mapping of a seed file. Every reader raises `SeedError` at the line of the key."""

    file: str
    line: int
    values: dict[str, Any]
    lines: dict[str, int]

    def error(self, what: str, key: str = "") -> SeedError:
        """An error at the line of `key`, or of the entry."""
        return SeedError(f"{self.file}:{self.lines.get(key, self.line)}: {what}")

    def allow(self, *keys: str) -> None:
        """Refuse keys that mean nothing here."""
        for key in self.values:
            if key not in keys:
                raise self.error(f"“{key}” is no key of this entry; {_choices(key, keys)}", key)

    def has(self, key: str) -> bool:
        """Whether the key is there and not empty."""
        return self.values.get(key) is not None

    def text(self, key: str, longest: int | None = LINE) -> str:
        """A text of at least one character and at most `longest`."""
        found = self._needed(key)
        if not isinstance(found, str):
            raise self.error(f"“{key}” is no text; put it in quotes", key)
        if not found.strip():
            raise self.error(f"“{key}” is empty; fill it in or leave the key out", key)
        if longest is not None and len(found) > longest:
            raise self.error(f"“{key}” has {len(found)} characters; {longest} fit", key)
        return found

    def maybe_text(self, key: str, longest: int | None = LINE) -> str | None:
        """A text, or none where the key is missing."""
        return self.text(key, longest) if self.has(key) else None

    def pair(self, key: str, longest: int | None = LINE) -> tuple[str | None, str | None]:
        """A text in Chinese and English, or none in either."""
        zh, en = self.maybe_text(f"{key}_zh", longest), self.maybe_text(f"{key}_en", longest)
        if (zh is None) != (en is None):
            there, missing = ("en", "zh") if zh is None else ("zh", "en")
            raise self.error(f"“{key}_{missing}” is missing; what people read is in both languages", f"{key}_{there}")
        return zh, en

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        found = self._list(key)
        for text in found:
            if not isinstance(text, str) or not text.strip():
                raise self.error(f"“{key}” holds something that is no text ({text!r}); put it in quotes", key)
        return found

    def number(self, key: str) -> float:
        """A finite number."""
        found = self._needed(key)
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            raise self.error(f"“{key}” is no number; write it in digits, without quotes", key)
        return float(found)

    def whole(self, key: str) -> int:
        """A whole number from 1."""
        found = self.number(key)
        if found < 1 or found != int(found):
            raise self.error(f"“{key}” is no whole number from 1", key)
        return int(found)

    def flag(self, key: str) -> bool:
        """`true` or `false`; false where the key is missing."""
        found = self.values.get(key, False)
        if not isinstance(found, bool):
            raise self.error(f"“{key}” is neither true nor false", key)
        return found

    def choice(self, key: str, codes: type[C], default: C | None = None) -> C:
        """A code of the codebook."""
        if default is not None and not self.has(key):
            return default
        return codes(self.one_of(key, [code.value for code in codes]))

    def maybe_choice(self, key: str, codes: type[C]) -> C | None:
        """A code of the codebook, or none where the key is missing."""
        return self.choice(key, codes) if self.has(key) else None

    def one_of(self, key: str, allowed: Collection[str], what: str = "") -> str:
        """One of the `allowed` codes; `what` says which codes these are."""
        found = self.text(key)
        if found not in allowed:
            raise self.error(f"“{found}” is no {what or key}; {_choices(found, allowed)}", key)
        return found

    def maybe_one_of(self, key: str, allowed: Collection[str], what: str = "") -> str | None:
        """One of the `allowed` codes, or none where the key is missing."""
        return self.one_of(key, allowed, what) if self.has(key) else None

    def edtf(self, key: str) -> str:
        """A date or an interval as EDTF: `2020`, `2020-05`, `../2020`; empty where the key is missing."""
        found = self.maybe_text(key) or ""
        if found and not _EDTF.fullmatch(found):
            raise self.error(f"“{found}” is no date as EDTF; write '2020', '2020-05' or '2020-05-22'", key)
        return found

    def day(self, key: str) -> date:
        """A day, written 2020-05-22."""
        try:
            return date.fromisoformat(self.text(key))
        except ValueError as error:
            raise self.error(f"“{key}” is no day; write it as '2020-05-22'", key) from error

    def maybe_day(self, key: str) -> date | None:
        """A day, or none where the key is missing."""
        return self.day(key) if self.has(key) else None

    def entries(self, key: str) -> list[Entry]:
        """A list of mappings; empty where the key is missing."""
        found = self._list(key) if self.has(key) else []
        for entry in found:
            if not isinstance(entry, Entry):
                raise self.error(f"“{key}” holds something that is no mapping ({entry!r}); write key: value", key)
        return found

    def _needed(self, key: str) -> Any:
        if not self.has(key):
            raise self.error(f"“{key}” is missing; add it")
        return self.values[key]

    def _list(self, key: str) -> list[Any]:
        found = self._needed(key)
        if not isinstance(found, list):
            raise self.error(f"“{key}” is no list; begin each item with “- ”", key)
        return found


def _choices(found: str, allowed: Iterable[str]) -> str:
    """What may be written instead of `found`."""
    codes = sorted(allowed)
    near = difflib.get_close_matches(found, codes, n=1)
    hint = f"did you mean “{near[0]}”? " if near else ""
    listed = ", ".join(codes[:_LISTED]) + (" …" if len(codes) > _LISTED else "")
    return f"{hint}allowed: {listed}"


class _Loader(_SafeLoader):
    """Makes an `Entry` of each mapping and refuses a key that stands twice."""

    file = ""


def _entry(loader: _Loader, node: yaml.MappingNode) -> Entry:
    entry = Entry(loader.file, node.start_mark.line + 1, {}, {})
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in entry.values:
            raise SeedError(f"{loader.file}:{line}: “{key}” stands twice in one entry; leave one of them out")
        entry.lines[key] = line
        entry.values[key] = loader.construct_object(value_node, deep=True)
    return entry


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _entry)


def _refuse_aliases(name: str, text: str) -> None:
    """Refuse a file that says something once and means it many times: a few lines of that fill the memory."""
    for part in yaml.parse(text, Loader=_SafeLoader):
        if isinstance(part, yaml.AliasEvent):
            line = part.start_mark.line + 1 if part.start_mark else 1
            raise SeedError(f"{name}:{line}: “*{part.anchor}” is no text; write it out, or in quotes")


def read_file(folder: Path, name: str) -> Entry:
    """The mapping that a whole file is; `name` as seen from the seed folder."""
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SeedError(f"{name}:1: the file is missing; the seed needs it") from error
    except UnicodeDecodeError as error:
        raise SeedError(f"{name}:1: the file is no UTF-8; save it as UTF-8") from error
    if len(text) > _LONGEST_FILE:
        raise SeedError(f"{name}:1: the file is longer than {_LONGEST_FILE} characters; part it")
    try:
        _refuse_aliases(name, text)
        loader = _Loader(text)
        loader.file = name
        found = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SeedError(
            f"{name}:{line}: this is no YAML ({error.problem}); mend the line or put the text in quotes"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SeedError(f"{name}:1: this is no YAML ({error}); mend it") from error
    if not isinstance(found, Entry):
        raise SeedError(f"{name}:1: the file is no mapping; write key: value")
    return found


def read_files(folder: Path, part: str) -> Iterator[Entry]:
    """The files of one part of the seed, in the order of their names."""
    for path in sorted((folder / part).glob("*.yaml")):
        yield read_file(folder, f"{part}/{path.name}")
