"""Passwords: which are refused, and how one is kept and compared. Length counts, not kinds (NIST SP 800-63B)."""

from __future__ import annotations

import base64
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Shortest password of an account that signs in by password alone, and of one with a second factor.
ALONE = 15
WITH_A_FACTOR = 8

#: Longest password, in characters.
LONGEST = 128

#: Words that whoever guesses tries first here: what this is, and what it is about.
_OF_THIS_PLACE = (
    "tracker",
    "commitment",
    "password",
    "chenzhou",
    "jingzhou",
    "郴州",
    "荆州",
    "市长",
    "承诺",
    "台账",
    "密码",
)

#: Rows of keys and letters; a password that walks along one is no better than its first character.
_WALKS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)

#: Characters that do not follow from the ones before, at least.
_VARIED = 6

_HASHER = PasswordHasher()


def fault(password: str, *, about: tuple[str, ...] = (), has_factor: bool = False) -> tuple[str, str] | None:
    """Why a password is refused, in Chinese and English; none where it may be used.

    `about` is what is known of the account: name and e-mail.
    """
    shortest = WITH_A_FACTOR if has_factor else ALONE
    if not shortest <= len(password) <= LONGEST:
        return (f"密码须为 {shortest} 到 {LONGEST} 个字符", f"A password has {shortest} to {LONGEST} characters")
    plain = unicodedata.normalize("NFKC", password).casefold()
    if plain in _common() or _repeated(plain) in _common() or _core(plain) in _common():
        return ("这个密码太常见，容易被猜中，请换一个", "This password is common and easily guessed: choose another")
    if _effective(plain) < _VARIED:
        return (
            "这个密码只是重复或连续的字符，请换一个",
            "This password only repeats or counts up: choose another",
        )
    if len(_without(plain, _words(about))) < WITH_A_FACTOR:
        return (
            "这个密码主要由姓名、邮箱或本站用语组成，请换一个",
            "This password is mostly a name, an e-mail address or words of this site: choose another",
        )
    return None


@cache
def _common() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _repeated(text: str) -> str:
    """The piece that a text repeats; the text itself where it repeats none."""
    found = re.fullmatch(r"(.+?)\1+", text, re.DOTALL)
    return found[1] if found else text


def _core(text: str) -> str:
    """A text without the figures and signs that people put around a word."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _effective(text: str) -> int:
    """How many characters a text has that do not follow from the ones before: repeats and walks count once."""
    text = _repeated(re.sub(r"(.)\1+", r"\1", text, flags=re.DOTALL))
    walks = (*_WALKS, *(walk[::-1] for walk in _WALKS))
    threes = (text[at : at + 3] for at in range(len(text) - 2))
    return min(len(text), 2) + sum(not any(three in walk for walk in walks) for three in threes)


def _words(about: tuple[str, ...]) -> tuple[str, ...]:
    """The words of the account and of this place, the longest first; shorter ones would be found by chance."""
    own = {part for text in about for part in re.split(r"[\W_]+", unicodedata.normalize("NFKC", text).casefold())}
    known = {word for word in own if len(word) >= (2 if re.search(r"[^\x00-\x7f]", word) else 3)}
    return tuple(sorted(known.union(_OF_THIS_PLACE), key=len, reverse=True))


def _without(text: str, words: tuple[str, ...]) -> str:
    """A text without these words; what stood around them does not count as a repeat."""
    return re.sub("|".join(map(re.escape, words)), "", text)


class Kept(NamedTuple):
    """What is kept of a password."""

    hash: str
    #: whether it is too short to stand alone
    is_short: bool


def kept(password: str) -> Kept:
    """What is kept of a password: its argon2id hash. Slow on purpose: not to be done while others wait to write."""
    return Kept(_HASHER.hash(_normal(password)), len(password) < ALONE)


def fits(password: str, hashed: str | None) -> bool:
    """Whether a password is the one that was hashed; takes as long where there is no such account (none `hashed`)."""
    try:
        return _HASHER.verify(hashed or _nobodys(), _normal(password)) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str) -> bool:
    """Whether a hash was made with weaker parameters than those of today."""
    return _HASHER.check_needs_rehash(hashed)


def _normal(password: str) -> str:
    # The same password typed on another keyboard or system may come in another normal form.
    return unicodedata.normalize("NFKD", password)


@cache
def _nobodys() -> str:
    """A hash that no password has, with the parameters of today, so that comparing takes the same time."""
    salt, digest = (base64.b64encode(bytes(length)).rstrip(b"=").decode() for length in (16, _HASHER.hash_len))
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
