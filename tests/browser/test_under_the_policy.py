"""Stored script stays text, the desk works under its content policy, and another site writes nothing, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Enum, String, text

from addresses import DESK, PAGES
from tracker import db
from tracker.models import Base
from visitors import Served, sign_up, visit

pytestmark = pytest.mark.nightly

Recorded = Callable[[str, object], None]

#: What runs wherever a text is taken for markup, for an attribute, for a script or for an address.
PAYLOAD = (
    "<img src=x onerror=alert(1)>\"'><svg/onload=alert(2)></textarea></title></option><script>alert(3)</script>"
    "<iframe srcdoc='<script>alert(4)</script>'></iframe> onmouseover=alert(5) {{7*7}} javascript:alert(6)"
)

#: Columns that hold no words: what identifies, what is compared, what has a form of its own.
_NO_WORDS = ("code", "slug", "key", "url", "sha256", "email", "password", "uniquifier", "version", "rule", "table_name", "row_key",
             "media_type", "secret", "digest", "mark", "hash", "kind", "date", "language", "signature", "public_key", "period")  # fmt: skip


def plant(engine_url: str) -> int:
    """The payload in every column of words, past the guards; returns in how many."""
    planted = 0
    with db.connect(engine_url).execution_options(**db.WRITES).begin() as connection:
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        for table in Base.metadata.tables.values():
            for column in table.columns:
                is_word = isinstance(column.type, String) and not isinstance(column.type, Enum)
                if not is_word or any(column.name.endswith(part) for part in _NO_WORDS) or column.foreign_keys:
                    continue
                if table.name in {"chain_entry", "day_count", "idempotency", "searched_text", "sign_in_try"}:
                    continue
                # A document keeps its length, so that what quotes it still finds its place.
                said = (
                    ":said || rowid"
                    if column.name != "text" or table.name != "source_document"
                    else ("substr(replace(hex(zeroblob(200)), '00', :said), 1, length(text))")
                )
                done = connection.execute(
                    text(
                        f'UPDATE OR IGNORE "{table.name}" SET "{column.name}" = {said} WHERE "{column.name}" IS NOT NULL'
                    ),
                    {"said": PAYLOAD},
                )
                planted += bool(done.rowcount)
    return planted


def opened(page: Page, address: str) -> list[str]:
    """What ran or came to be on a page where every menu is opened: nothing, it is hoped."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    return list(
        page.evaluate(
            "[...document.querySelectorAll('[onerror],[onload],[srcdoc],[onmouseover]')].map(one => one.outerHTML)"
        )
    )


def test_W2_no_stored_text_runs_on_any_page(
    browser: Browser, served: Served, tmp_path: Path, record_property: Recorded
) -> None:
    visitor = visit(browser)
    sign_up(visitor, served)
    planted = plant(f"sqlite:///{tmp_path / 'tracker.db'}")
    ran: list[str] = []
    visitor.page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    addresses = [address for listed in (PAGES, DESK) for some in listed.values() for address in some]
    for address in addresses:
        ran += [f"{address}: {found}" for found in opened(visitor.page, served.address + address)]
    reports = [said for said in visitor.complaints if "Content Security Policy" in said or "Refused to" in said]
    record_property("W2 columns planted, pages opened", f"{planted}, {len(addresses)}")
    assert planted > 50
    assert (ran, reports) == ([], [])


def test_W7_the_desk_works_under_the_policy(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    sign_up(visitor, served)
    page = visitor.page
    page.goto(f"{served.address}/desk/person/new/")
    page.fill("[name=code]", "somebody")
    page.fill("[name=name_zh]", "测试人")
    page.fill("[name=name_en]", "Somebody")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/person/details/**")
    page.goto(f"{served.address}/desk/commitment/edit/?id=1")
    page.fill("[name=note_zh]", "改过的说明")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/commitment/details/**")
    page.goto(f"{served.address}/desk/commitment/?city=431000&search=园区")
    assert page.locator("tbody tr").count()
    page.goto(f"{served.address}/desk/commitment/record/?code=CZ-2020-05.1")
    page.select_option("[name=execution]", "in_progress")
    page.fill("[name=effective_on]", "2020-12-31")
    page.fill("[name=summary]", "已动工")
    page.fill("[name=evidence-0-url]", "https://example.org/news/1")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/commitment/details/**")
    # What takes something back says first what it will do, on a page of its own.
    page.goto(f"{served.address}/desk/auditevent/?table=commitment&action=update")
    page.get_by_role("link", name="撤回这次修改").first.click()
    expect(page.locator("main")).to_contain_text("改过的说明")
    page.get_by_role("button", name="撤回这次修改").click()
    page.wait_for_url("**/desk/commitment/details/**")
    page.goto(f"{served.address}/desk/commitment/edit/?id=1")
    expect(page.locator("[name=note_zh]")).not_to_have_value("改过的说明")
    assert visitor.complaints == []


@contextmanager
def another_site(body: str) -> Iterator[int]:
    """A server of somebody else on this machine, with one page; its port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["cross-site", "same-site"])
@pytest.mark.parametrize("steps", ["one", "two"])
def test_W1_another_site_writes_nothing(browser: Browser, served: Served, host: str, steps: str) -> None:
    visitor = visit(browser)
    sign_up(visitor, served)
    # In two steps, a window on the desk itself is opened first, with its cookies; the form is then sent into it.
    first = f"window.open('{served.address}/desk/', 'there');" if steps == "two" else ""
    body = f"""<form method=post action="{served.address}/desk/saved/keep/" target=there><input name=name value=forged>
      <input name=question value="city=431000"></form>
      <button id="first" onclick="{first}">x</button><button id="second" onclick="document.forms[0].submit()">y</button>"""
    statuses: list[int] = []
    visitor.page.context.on(
        "response", lambda response: statuses.append(response.status) if response.request.method == "POST" else None
    )
    with another_site(body) as port:
        page = visitor.page.context.new_page()
        page.goto(f"http://{host}:{port}/")
        page.click("#first")
        page.wait_for_timeout(1000)
        page.click("#second")
        page.wait_for_timeout(2000)
        page.close()
    assert statuses
    assert set(statuses) <= {400, 403}
    visitor.page.goto(f"{served.address}/desk/saved/")
    assert "forged" not in visitor.page.content()
