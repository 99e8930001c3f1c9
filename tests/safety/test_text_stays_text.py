"""No text is markup: what somebody types is shown as typed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from visiting import send

#: Markup, and what a renderer of Markdown would make markup of.
MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "[x](javascript:alert(1))",
    "![x](https://example.org/x.png)", "<javascript:alert(1)>", "<a href='javascript:alert(1)'>x</a>", "**bold**",
    "<iframe src=//evil.example></iframe>", "<style>*{display:none}</style>", "<math><a xlink:href=javascript:alert(1)>x",
    '"><b onmouseover=alert(1)>', "</textarea><script>alert(1)</script>", "{{7*7}}", "<!--<b>-->", "&lt;b&gt;", "javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_W4_a_comment_is_shown_as_it_was_typed(analyst: FlaskClient) -> None:
    where = "/desk/comments/of/?code=CZ-2020-01"
    opened = analyst.get(where).text
    for text in MARKUP:
        assert send(analyst, "/desk/comments/add?code=CZ-2020-01&back=of", {"text": text}, opened).status_code == 302
    page = analyst.get(where).text
    for text in MARKUP:
        assert str(escape(text)) in page or "http" in text
    for made in ("<script>alert", "<img src=x", "<svg/", "<a href='javascript", 'href="javascript:', "<strong>bold", "<iframe", "<style>*",
                 "<math>", "<b onmouseover", "<b>", ">49<"):  # fmt: skip
        assert made not in page
