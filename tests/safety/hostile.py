"""Requests that no browser sends: every route, with what its page offers, changed for the worse."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

#: What breaks a program that believes what it is sent.
NASTY = (
    "", " ", "0", "-1", "1.5", "1,2", "1;2", "١", "１", "²", "9" * 10, "9" * 19, "9" * 400, "2147483648", "1e309", "nan", "inf",
    "-0", "+1", "0x1", "True", "null", "None", "[]", "{}", "[1]", '{"a": {"b": []}}', "[" * 3000, '{"CZ-2020-01": null}',
    "'", "\"", "\\", "%", "%%%", "_" * 50, "*", "(", "[a", "a{99999}", "..", "../../etc/passwd", "/", "//evil.example", "\\\\evil",
    "http://evil.example", "http:evil.example", "javascript:alert(1)", "http://[", "http://a:99999999/", "https://x/?" + "a" * 3000,
    "\x00", "a\x00b", "\r\n", "a\r\nSet-Cookie: x=y", "\t", "\x1b[31m", "\x7f", "\x85", "\ufeff", "\ufffe", "\u200b", "\u202eabc", "\u2028",
    "é", "e\u0301", "ﬁ", "郴州", "郴州 " * 200, "\U0001f600", "\U0010ffff", "\U000e0041", "İ", "ß", "a" * 501, "a" * 5001, "字" * 20000,
    "0000-00-00", "2020-02-30", "20201231", "2020-12-31T00:00", "0001-01-01", "9999-12-31", "10000-01-01", "-2020-01-01", "2020-W01-1", "2020-13", "0000-01",
    "9999-12", "0001-01", "<script>", "{{7*7}}", "${x}", "=1+1", "' OR 1=1 --", "1) UNION SELECT 1", "a AND b", 'a "b', "NEAR(a b)", "col:x", "^a", "a*", "-a", "\"\"",
)  # fmt: skip

#: Bytes that are no text, and bodies that are no form.
BODIES = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80=\xed\xa0\x80", b"%", b"%zz=%", b"&&&=&=", b"a" * 3000, b"=", b"{", b"[]", b'{"a":' * 900, b"--x", b"--x\r\n",
    b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--", b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\x00.pdf"\r\nContent-Type: \xff\r\n\r\nx\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../a.html"\r\nContent-Type: text/html\r\n\r\n<b>\r\n--x--\r\n',
    b'--x\r\nContent-Type: text/plain; charset=utf-99\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"a" * 700_000 + b"\r\n--x--\r\n",
    b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n\r\n' % n for n in range(1100)) + b"--x--\r\n",
    b"&".join(b"a%d=" % n for n in range(1100)), b"text=" + b"%e5%ad%97" * 60_000,
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary=", "application/json",
    "text/plain; charset=utf-16", "application/x-www-form-urlencoded; charset=no-such", ";", "multipart/form-data; boundary=" + "x" * 300, "",
)  # fmt: skip
HEADERS: tuple[tuple[str, str], ...] = (
    ("Accept", "text/csv"), ("Accept", "application/json;q=2"), ("Accept", "*/*;q=nan"), ("Accept", ",;=" * 50), ("Accept", "\xff"), ("Accept", "a/b;c=" + '"' * 9),
    ("Accept-Language", "zz-" * 90), ("Accept-Language", "en;q=x"), ("Accept-Language", "*"), ("Accept-Charset", "utf-99"), ("Accept-Encoding", "zstd;q=9"),
    ("Cookie", "session=\xff"), ("Cookie", "session=.eJx.x.y"), ("Cookie", "session=" + "a" * 5000), ("Cookie", ";;=;lang=\x01"), ("Cookie", "remember_token=1|x"),
    ("Range", "bytes=9-1,a-"), ("Range", "bytes=-99999999999999999999"), ("If-Modified-Since", "yesterday"), ("If-None-Match", '"'), ("If-None-Match", "W/" * 99),
    ("If-Match", "*"), ("If-Range", "\xff"), ("Content-Encoding", "gzip"), ("Content-Length", "99999999999"), ("Content-Length", "-5"), ("Content-Length", "x"),
    ("Transfer-Encoding", "chunked"), ("Expect", "100-continue"), ("X-Forwarded-For", "::::"), ("X-Forwarded-Host", "evil.example"), ("Referer", "http://[::1"),
    ("Origin", "null"), ("Origin", "http://["), ("Sec-Fetch-Site", "x"), ("Authorization", "Basic \xff"), ("Authorization", "Bearer x"), ("Upgrade", "h2c"),
    ("User-Agent", "\x01" * 300), ("X-CSRFToken", "\xff"), ("X-Requested-With", "XMLHttpRequest"), ("If-Unmodified-Since", "Thu, 01 Jan 99999 00:00:00 GMT"),
)  # fmt: skip


#: Addresses of routes that are no pages.
OPENS = {
    "comments.add": ["/desk/comments/add?code=CZ-2020-01.1"],
    "commitment.row_view": ["/desk/commitment/row/?code=CZ-2020-01.1"],
    "commitment.record_row_view": ["/desk/commitment/row/?code=CZ-2020-01.1"],
    "pages.chart": ["/charts/status-by-kind.svg"],
    "pages.checkpoint": ["/checkpoint"],
    "static": ["/static/tracker.css"],
    "evidence.copy_view": ["/desk/evidence/copy/?id=1"],
}


class _Offered(HTMLParser):
    """What a page offers to send: where its forms go, their fields with what stands in them, the names in its links."""

    def __init__(self, path: str, page: str) -> None:
        super().__init__()
        self.path = path
        self.forms: dict[str, dict[str, str]] = {}
        self.queries: dict[str, set[str]] = {}
        self._fields: dict[str, str] = {}
        self._in: str | None = None
        self._tag = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            action = given.get("action", "") if given.get("method", "").lower() == "post" else "GET"
            self._fields = self.forms.setdefault(urlsplit(action).path or self.path, {})
        elif tag in {"input", "select", "textarea", "button"} and name and name != "csrf_token":
            self._fields.setdefault(name, given.get("value", ""))
            self._in, self._tag = (name, tag) if tag in {"select", "textarea"} else (self._in, self._tag)
        elif tag == "option" and self._in and ("selected" in given or not self._fields[self._in]):
            self._fields[self._in] = given.get("value", "")
        elif tag == "a":
            for called, value in parse_qsl(urlsplit(given.get("href", "")).query):
                self.queries.setdefault(called, set()).add(value)

    def handle_data(self, data: str) -> None:
        if self._in and self._tag == "textarea":
            self._fields[self._in] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._in = None


@dataclass(frozen=True, eq=False)
class Offer:
    """A route with a method, and what a page of it offers."""

    endpoint: str
    rule: str
    method: str
    #: an address of it that opens, without the query; and that query
    opens: str
    query: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


def offers(
    app: Flask, clients: list[FlaskClient], addresses: dict[str, list[str]]
) -> tuple[list[Offer], dict[str, set[str]]]:
    """Every route of the application with what it offers to these visitors, and what links give in their queries."""
    names: dict[str, set[str]] = {}
    forms: dict[str, dict[str, str]] = {}
    opens: dict[str, Any] = {}
    for rule in app.url_map.iter_rules():
        opens[rule.endpoint] = urlsplit((addresses.get(rule.endpoint) or [re.sub(r"<[^>]+>", "x", str(rule))])[0])
        for client in clients if rule.endpoint in addresses else []:
            page = client.get(opens[rule.endpoint].path, query_string=opens[rule.endpoint].query)
            page.close()
            offered = _Offered(opens[rule.endpoint].path, page.text if page.mimetype == "text/html" else "")
            forms = {**offered.forms, **forms}
            for name, values in offered.queries.items():
                names.setdefault(name, set()).update(sorted(values)[:8])
    return [
        Offer(rule.endpoint, str(rule), method, to.path, dict(parse_qsl(to.query)), forms.get(to.path, {}))
        for rule in app.url_map.iter_rules()
        for to in [opens[rule.endpoint]]
        for method in sorted({"GET", "POST"} & (rule.methods or set()))
    ], names


text = st.one_of(st.sampled_from(NASTY), st.text(max_size=12), st.characters(codec="utf-8").map(lambda c: c * 3))


@st.composite
def paths(draw: Any, offer: Offer) -> str:
    """The path of a route: one that opens, or one with anything in its place."""
    if "<" not in offer.rule or draw(st.booleans()):
        return offer.opens
    return re.sub(r"<[^>]+>", lambda _: draw(text).replace("?", "").replace("#", "") or "-", offer.rule)


@st.composite
def pairs(draw: Any, known: dict[str, str], names: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Names with values: those of the page as they stand, some left out, changed, given twice, or made up."""
    given = [(name, value) for name, value in known.items() if draw(st.integers(0, 9))]
    for _ in range(draw(st.integers(0, 3))):
        pool = sorted({*known, *names})
        name = draw(st.sampled_from(pool)) if pool and draw(st.integers(0, 9)) else draw(text)
        value = draw(st.one_of(text, st.sampled_from(sorted(names[name]))) if names.get(name) else text)
        if draw(st.booleans()):
            given = [(called, old) for called, old in given if called != name]
        given.append((name, value))
    return given


def status(client: FlaskClient, method: str, path: str, **sent: Any) -> int:
    """The status of an answer, of which nothing is kept open."""
    answer = client.open(path, method=method, **sent)
    answer.close()
    return answer.status_code


@dataclass(frozen=True)
class Request:
    """One request, as werkzeug's client takes it."""

    offer: Offer
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    form: list[tuple[str, str]] | None = None
    body: bytes | None = None
    content_type: str | None = None

    def send(self, client: FlaskClient) -> int:
        """Send it; the status of the answer."""
        data: Any = self.body if self.form is None else MultiDict(self.form)
        kept = {"data": data, "content_type": self.content_type} if self.offer.method == "POST" else {}
        sent = {"query_string": MultiDict(self.query), "headers": self.headers, **kept}
        return status(client, self.offer.method, self.path, **sent)


@st.composite
def requests(draw: Any, offer: Offer, names: dict[str, set[str]]) -> Request:
    """A request to a route that is a little, or entirely, wrong."""
    headers = [draw(st.sampled_from(HEADERS))] if not draw(st.integers(0, 3)) else []
    path, query = draw(paths(offer)), draw(pairs(offer.query, names))
    if offer.method == "GET":
        return Request(offer, path, query, headers)
    if not draw(st.integers(0, 5)):
        body, kind = draw(st.one_of(st.sampled_from(BODIES), st.binary(max_size=60))), draw(st.sampled_from(TYPES))
        return Request(offer, path, query, headers, body=body, content_type=kind)
    return Request(
        offer,
        path,
        list(offer.query.items()) if draw(st.booleans()) else query,
        headers,
        form=draw(pairs(offer.fields, {})),
    )


def described(all_of_them: list[Offer], names: dict[str, set[str]]) -> dict[str, Any]:
    """The routes as an OpenAPI document: what an honest client would be told of them."""
    said: dict[str, Any] = {}
    for offer in all_of_them:
        held = [("path", name) for name in re.findall(r"<(?:\w+:)?(\w+)>", offer.rule)]
        held += [("query", name) for name in sorted({*offer.query, *names})]
        told: dict[str, Any] = {
            "parameters": [
                {"name": name, "in": place, "required": place == "path", "schema": _SCHEMAS.get(name, _TEXT)}
                for place, name in held
            ],
            "responses": {"200": {"description": "a page"}},
        }
        if offer.method == "POST":
            form = {"type": "object", "properties": {name: _SCHEMAS.get(name, _TEXT) for name in offer.fields}}
            told["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
        said.setdefault(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", offer.rule), {})[offer.method.lower()] = told
    return {"openapi": "3.1.0", "info": {"title": "the tracker", "version": "1"}, "paths": said}


_TEXT = {"type": "string", "minLength": 1}
_DAY = {"type": "string", "format": "date"}
_NUMBER = {"type": "integer"}
_SCHEMAS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("as_of", "recorded_by", "effective_on", "reviewed_up_to", "not_checked_since"), _DAY),
    **dict.fromkeys(("id", "page", "before", "item", "row", "cid", "tid", "record"), _NUMBER),
}
