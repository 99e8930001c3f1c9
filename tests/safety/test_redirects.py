"""No redirect leaves the site, whatever an address asks for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask import Flask, redirect
from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright
from test_access import address

from tracker import db
from tracker.app import create_app
from tracker.codebook import Role
from tracker.security import doors
from visiting import PASSWORD, account, send, signed_in

#: What leads elsewhere, or might in some browser.
AWAY = [
    "http://evil.example", "https://evil.example/", "HTTP://evil.example", "//evil.example", "///evil.example",
    "////evil.example", "//evil.example/%2f..", "//evil.example/..", "http:evil.example", "http:/evil.example",
    "http:///evil.example", "https:evil.example", "https:/evil.example", "\\\\evil.example", "/\\evil.example",
    "\\/evil.example", "/\\/evil.example", "//\\evil.example", "\\evil.example", "http:\\\\evil.example",
    "http:\\evil.example", "https:/\\evil.example", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example",
    "\t//evil.example", "\n//evil.example", " //evil.example", "\x00//evil.example", "\x01//evil.example",
    "/\x0b/evil.example", "ht\ttp://evil.example", "http\n://evil.example", "//evil。example", "//evil.example:80",
    "//localhost@evil.example", "http://localhost@evil.example", "http://localhost:80@evil.example",
    "http://localhost\\@evil.example", "http://localhost#@evil.example", "http://localhost.evil.example",
    "//localhost%2eevil.example", "http://evil.example#http://localhost/", "http://evil.example?localhost",
    "javascript:alert(1)", "java\tscript:alert(1)", "JavaScript://localhost/%0aalert(1)", "data:text/html,x",
    "vbscript:x", "blob:http://localhost/x", "ftp://evil.example", "%2f%2fevil.example", "/%2fevil.example",
    "%5c%5cevil.example", "/%09/evil.example", "//%65vil.example", "/..//evil.example", "/.//evil.example",
    "./\\evil.example", "?//evil.example", "/\u2028/evil.example", "／／evil.example", "/／evil.example",
]  # fmt: skip

CHROMIUM = os.environ.get("TRACKER_TEST_CHROMIUM") or shutil.which("chromium")

PLACES = ("url", "next", "back")


@pytest.fixture(scope="module")
def app(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The product with a page that redirects to wherever it is told: the worst that somebody could write."""
    file = tmp_path_factory.mktemp("redirects") / "tracker.db"
    shutil.copy(migrated_file, file)
    app = create_app(f"sqlite:///{file}")

    def worst() -> object:
        from flask import request

        return redirect(request.args["url"])

    app.add_url_rule("/worst", "worst", worst)
    with db.writing(app.extensions["engine"], actor="测试") as session:
        account(session, "admin", Role.ADMIN, "admin@example.org")
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture(autouse=True)
def _open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doors.OPEN, "worst", None)


def resolved(location: str) -> str:
    """Where a browser goes, by the rules of the URL standard that matter here."""
    dropped = location.strip("".join(map(chr, range(33)))).translate({9: None, 10: None, 13: None})
    return urljoin("http://localhost/desk/", dropped.replace("\\", "/"))


def asking(place: str, payload: str) -> str:
    return f"{place}={quote(payload, safe='')}"


def redirecting(app: Flask, client: FlaskClient) -> list[str]:
    """Addresses that redirect when they are told where to."""
    there = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            bare = address(rule).partition("?")[0]
            if 300 <= client.get(f"{bare}?url=/x&next=/x&back=/x").status_code < 400:
                there.append(bare)
    return there


def locations(app: Flask, *, whole: bool) -> Iterator[tuple[str, str]]:
    """What is asked, and where the answer leads: all on the worst page and the sign-in, on others all or some."""
    admin, visitor = signed_in(app, "admin"), app.test_client()
    # A visitor is sent to the sign-in from every page of the desk, and by the same lines.
    for client, addresses in ((admin, redirecting(app, admin)), (visitor, ["/desk/account/new/"])):
        for number, bare in enumerate(addresses):
            payloads = AWAY if whole or bare in {"/worst", "/sign-in"} else AWAY[number % 12 :: 12]
            for place in PLACES if bare != "/worst" else PLACES[:1]:
                for payload in payloads:
                    answer = client.get(f"{bare}?{asking(place, payload)}")
                    if answer.location is not None:
                        yield f"{bare} {place}={payload!r}", answer.location


def test_W5_no_redirect_leaves_the_site(app: Flask) -> None:
    assert len(set(AWAY)) >= 46
    found = list(locations(app, whole=False))
    assert len(found) > 3 * len(AWAY)
    away = [asked for asked, location in found if urlsplit(resolved(location)).netloc != "localhost"]
    assert away == []


@pytest.mark.parametrize("payload", ["//evil.example", "http:evil.example", "/\t/evil.example", "/\\evil.example"])
def test_W5_signing_in_leads_to_a_page_of_the_site(app: Flask, payload: str) -> None:
    client = app.test_client()
    sent = {"email": "admin@example.org", "password": PASSWORD, "next": payload}
    answer = send(client, f"/sign-in?{asking('next', payload)}", sent)
    assert answer.status_code < 400
    assert urlsplit(resolved(answer.location or "")).netloc == "localhost"


def test_W5_a_way_on_within_the_site_is_kept(app: Flask) -> None:
    admin = signed_in(app, "admin")
    assert admin.get("/worst?url=/desk/commitment/%3Fcity%3D431000%23x").location == "/desk/commitment/?city=431000#x"
    assert admin.get("/desk").location == "/desk/"


@pytest.mark.nightly
def test_W5_a_browser_stays_on_the_site(app: Flask, record_property: Callable[[str, object], None]) -> None:
    found = list(locations(app, whole=True))
    resolve = "found => found.map(([asked, to]) => [asked, new URL(to, 'http://localhost/desk/').host])"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        hosts = chromium.new_page().evaluate(resolve, [list(pair) for pair in found])
        chromium.close()
    record_property("W5 redirects resolved by a browser", len(hosts))
    assert [asked for asked, host in hosts if host != "localhost"] == []
