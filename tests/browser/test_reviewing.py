"""A second person returns an assessment and later approves one, and a reader sees it, in a real browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, expect

from visitors import Served, colleague, sign_up, visit

#: One that nobody has looked at yet.
CODE = "CZ-2020-05.1"
HERE = f"/desk/commitment/details/?code={CODE}"


def recorded(page: Page, summary: str) -> None:
    """A follow-up is recorded from the page of the commitment, by keyboard."""
    expect(page.locator("h1")).to_contain_text(CODE)
    page.wait_for_load_state()  # keys answer from then on
    page.keyboard.press("r")
    page.wait_for_url("**/desk/commitment/record/**")
    page.locator("[name=execution]").select_option("in_progress")
    page.fill("[name=effective_on]", "2020-12-31")
    page.fill("[name=summary]", summary)
    page.fill("[name=evidence-0-url]", "https://example.org/news/1")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice.good")).to_have_text("已记录。")


def judged(page: Page, verdict: str, note: str = "") -> None:
    """The form of a review is filled in and sent by keyboard."""
    expect(page.locator("[name=verdict]")).to_be_focused()
    page.wait_for_load_state()
    page.locator("[name=verdict]").select_option(verdict)
    page.fill("[name=note]", note)
    page.keyboard.press("Control+Enter")


def test_what_is_returned_is_recorded_anew_and_approved_for_readers_to_see(browser: Browser, served: Served) -> None:
    reviews, writes, reads = visit(browser, width=390), visit(browser), visit(browser)
    sign_up(reviews, served)
    colleague(reviews, writes, served, "王芳", "analyst")

    page = writes.page
    page.goto(served.address + HERE)
    recorded(page, "直播仍在举办")
    expect(page.get_by_role("link", name="复核 №")).to_have_count(0)

    page = reviews.page
    opened_for_review(page, served, "直播仍在举办")
    judged(page, "return")
    expect(page.locator("[name=note]")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("还没有记录")
    judged(page, "return", "请补直播的日期")
    # Back in the list, from which what was judged is gone.
    expect(page.locator(".notice.good")).to_have_text("已记录。")
    expect(page.locator(".chips")).to_contain_text("待复核")
    expect(page.locator(f"[id='row-{CODE}']")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page = writes.page
    page.goto(f"{served.address}/desk/")
    expect(page.locator(".begin")).to_contain_text("先改退回给您的 1 条")
    page.locator(".begin a").click()
    returned = page.locator("#returned li", has_text=CODE)
    expect(returned).to_contain_text("李明：请补直播的日期")
    expect(returned).to_contain_text("我写的")
    returned.get_by_role("link", name=CODE, exact=True).click()
    recorded(page, "2020年12月仍在直播")

    page = reviews.page
    opened_for_review(page, served, "2020年12月仍在直播")
    judged(page, "approve")
    expect(page.locator(f"[id='row-{CODE}']")).to_have_count(0)

    reads.page.goto(f"{served.address}/commitments/{CODE}")
    expect(reads.page.locator("[aria-labelledby=stands]")).to_contain_text("第二人核过，结论成立")
    expect(reads.page.locator("[aria-labelledby=stands]")).to_contain_text("2020年12月仍在直播")
    assert [said for visitor in (reviews, writes, reads) for said in visitor.complaints if "422" not in said] == []


def opened_for_review(page: Page, served: Served, summary: str) -> None:
    """The assessment is found from the work list, its row opened by keyboard, and its review from there."""
    page.goto(f"{served.address}/desk/?city=431000")
    page.locator("#awaiting").get_by_role("link", name="全部待复核").click()
    page.wait_for_url("**review=awaiting**")
    while CODE not in page.evaluate("document.activeElement.closest('tr')?.dataset.code ?? ''"):
        page.keyboard.press("j")
    page.keyboard.press("o")
    assessment = page.locator(".history li", has_text=summary)
    assessment.get_by_role("link", name="复核").press("Enter")
    expect(page.locator("main")).to_contain_text(summary)


def test_a_colleague_is_called_on_and_finds_it_among_what_mentions_them(browser: Browser, served: Served) -> None:
    calls, called = visit(browser), visit(browser, language="en-GB", width=390)
    sign_up(calls, served)
    colleague(calls, called, served, "王芳", "reader")
    calls.page.goto(served.address + HERE)
    calls.page.fill("[name=text]", "@王芳 请看直播的日期，见 https://example.org/news/1。")
    calls.page.keyboard.press("Control+Enter")
    expect(calls.page.locator("#comments .mention").first).to_have_text("@王芳")

    page = called.page
    page.goto(f"{served.address}/desk/")
    expect(page.locator("main")).to_contain_text("请看直播的日期")
    page.get_by_role("link", name="All that mention me").click()
    mine = page.locator(".remark", has_text="请看直播的日期")
    expect(mine.get_by_role("link", name="https://example.org/news/1", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    mine.get_by_role("link", name=CODE).click()
    expect(page.locator(".remark")).to_contain_text("李明")
    assert calls.complaints == called.complaints == []


def test_the_language_changes_in_place_with_every_filter_kept(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, served)
    asked = "?city=431000&kind=pro_business_measure&status=not_reviewed&status=no_evidence_found&sort=deadline&cols=status&cols=deadline&open=CZ-2020-03.1"
    for address in (f"/desk/commitment/{asked}", f"{HERE}&as_of=2020-12-31"):
        page.goto(served.address + address)
        codes = page.locator("main [data-code]").evaluate_all("rows => rows.map(row => row.dataset.code)")
        before = parse_qs(urlsplit(page.url).query)
        page.get_by_role("link", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert parse_qs(urlsplit(page.url).query) == {**before, "lang": ["en"]}
        assert page.locator("main [data-code]").evaluate_all("rows => rows.map(row => row.dataset.code)") == codes
        page.get_by_role("link", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert visitor.complaints == []
