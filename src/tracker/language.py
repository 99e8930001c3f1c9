"""Two languages side by side: every text that people read is written here or at its place in both.

The address may say `?lang=zh` or `?lang=en`; the choice is kept in a cookie. Without it the browser
decides, and Chinese comes first.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from flask import Flask, Response, current_app, request
from flask_babel import Babel, LazyString
from markupsafe import Markup, escape

from tracker.codebook import Coded

Language = Literal["zh", "en"]

_COOKIE = "lang"

#: Where a request keeps the language that it asks for, and whether it is answered in both.
_KNOWN = "tracker.language"

#: Below this address it is, but for the page that people read there.
_PROGRAMS, _REFERENCE = "/api/", "/api/v1/"

_YEAR = 365 * 24 * 3600


def current() -> Language:
    """The language of this request; Chinese outside of one."""
    return _manner()[0]


def _manner() -> tuple[Language, bool]:
    """The language of this request, and whether it is answered in both."""
    # A page asks hundreds of times.
    try:
        environ = request.environ
    except RuntimeError:  # outside of a request
        return "zh", False
    known: tuple[Language, bool] | None = environ.get(_KNOWN)
    if known is None:
        both = request.path.startswith(_PROGRAMS) and request.path != _REFERENCE
        known = environ[_KNOWN] = _wished(), both
    return known


def _wished() -> Language:
    """The language that this request asks for."""
    chosen = request.args.get("lang") or request.cookies.get(_COOKIE)
    # A browser asks for zh-Hans-CN or en-GB, the best first; only the first part matters here.
    wished = [chosen, *(tag.partition("-")[0].lower() for tag, _ in request.accept_languages)]
    return "en" if next((tag for tag in wished if tag in {"zh", "en"}), "zh") == "en" else "zh"


def t(zh: str, en: str) -> str:
    """The text of the two that this request is to be answered in; both, where a program asks."""
    language, both = _manner()
    if both:
        return f"{zh} / {en}"
    return zh if language == "zh" else en


def lazy(zh: str, en: str) -> Any:
    """`t`, decided when the text is shown: for labels that are written before any request."""
    return LazyString(t, zh, en)


#: Chinese words, with what stands between them; an English phrase of three words or more.
_C = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
_CHINESE = re.compile(f"{_C}(?:(?:{_C}|[\\w.,%“”‘’·—–+/()-])*{_C})?")
_ENGLISH = re.compile(r"(?<![a-z])[A-Z]?[a-z]+[,;:]?(?: [\w“”‘’(),;:./–-]+){2,}")


def marked(text: object) -> Markup:
    """A text with the words of the other language marked as such, for whoever has the page read aloud."""
    if isinstance(text, Markup):
        return text
    tag, words = ("en", _ENGLISH) if current() == "zh" else ("zh-Hans", _CHINESE)
    if not words.search(str(text)):
        return escape(str(text))
    parts, last = [], 0
    for found in words.finditer(str(text)):
        parts += [escape(str(text)[last : found.start()]), Markup('<span lang="{}">{}</span>').format(tag, found[0])]
        last = found.end()
    return Markup("").join([*parts, escape(str(text)[last:])])


def label(code: Coded | None) -> str:
    """The label of a code in the language of this request; empty for none."""
    return "" if code is None else code.label(current())


def install(app: Flask) -> None:
    """Have the app speak both languages, in templates as `t`, `label` and `language`."""
    Babel(app, locale_selector=lambda: "zh_Hans_CN" if current() == "zh" else "en")
    app.jinja_env.globals.update(t=t, label=label, language=current)
    app.jinja_env.filters["label"] = label
    app.jinja_env.filters["marked"] = marked
    app.context_processor(_in_templates)
    app.after_request(_keep_choice)


def _in_templates() -> dict[str, Any]:
    """`t` and `language` for one page, whose language is settled: it asks hundreds of times."""
    language, both = _manner()
    if both:
        return {}
    return {"t": _first if language == "zh" else _second, "language": lambda: language}


def _first(zh: str, _en: str) -> str:
    return zh


def _second(_zh: str, en: str) -> str:
    return en


def _keep_choice(response: Response) -> Response:
    if request.args.get("lang") in {"zh", "en"}:
        response.set_cookie(
            _COOKIE,
            request.args["lang"],
            max_age=_YEAR,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    if response.mimetype == "text/html":
        response.vary.update(["Accept-Language", "Cookie"])
        response.content_language.add("zh-Hans" if current() == "zh" else "en")
    return response
