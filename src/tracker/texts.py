"""What a text is made of: composed characters, those that nobody sees, and names that look alike."""

from __future__ import annotations

import re
import unicodedata

#: Characters that change how a line reads and are not seen: zero width, marks of direction, and the soft hyphen. As
#: a class of a pattern, in which a database knows them too.
UNSEEN = "\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
_UNSEEN = re.compile(f"[{UNSEEN}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

#: A joiner that joins no pictures.
_JOINER = "\u200d"

#: Letters of other alphabets, folded, that pass for a Latin one.
_PASSES_FOR = str.maketrans("аеорсухіјѕԁһӏкмтвнɡıοανρικυχτε", "aeopcyxijsdhlkmtbhgioavpikuxte")


def composed(text: str) -> str:
    """The text with each character composed (NFC); wide letters and the like stay what they are."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def is_unseen(text: str) -> bool:
    """Whether a name or title holds a character that nobody sees; the joiner within a picture is none."""
    if _UNSEEN.search(text):
        return True
    if _JOINER not in text:
        return False
    before = (text[place - 1] for place, character in enumerate(text) if character == _JOINER and place)
    return text.startswith(_JOINER) or any(unicodedata.category(one) not in {"So", "Sk", "Mn"} for one in before)


def visible(text: str) -> str:
    """The text without the characters that nobody sees."""
    return _UNSEEN.sub("", text)


def is_unstorable(text: str) -> bool:
    """Whether a text holds what no database stores: NUL, or half of a character."""
    return bool(_UNSTORABLE.search(text))


def skeleton(name: str) -> str:
    """What a name looks like: the same for names that differ in width, case, blanks or alphabet only."""
    wide = _UNSEEN.sub("", unicodedata.normalize("NFKC", name)).casefold().translate(_PASSES_FOR)
    return re.sub(r"[\s_.·・•-]+", "", unicodedata.normalize("NFC", wide))


def width(text: str) -> int:
    """Columns that a text takes in a terminal or a sheet: a Chinese character takes two."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
