"""Reading an interview: from the words to what became of them, and back."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from visitors import Served, visit


def test_from_the_words_to_their_commitment_and_back(browser: Browser, served: Served) -> None:
    visitor = visit(browser)
    page = visitor.page
    page.goto(f"{served.address}/documents/chenzhou-2020")
    page.get_by_role("link", name="“网上推介”", exact=True).click()
    expect(page.locator("h1")).to_contain_text("CZ-2020-01.2")
    page.get_by_role("link", name="在访谈全文里看").click()
    expect(page.locator(".named-own")).to_have_text("“网上推介”")
    expect(page.locator(".margin .named")).to_contain_text(".2")
    assert visitor.complaints == []


def test_an_interview_and_a_commitment_fit_a_phone(browser: Browser, served: Served) -> None:
    visitor = visit(browser, language="en-GB", width=390)
    for address in ("/documents/jingzhou-2020", "/commitments/JZ-2020-25.3"):
        visitor.page.goto(served.address + address)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390, address
    assert visitor.complaints == []
