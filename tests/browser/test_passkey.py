"""A passkey is added, signs in and is removed, in a real browser with a device that Chromium plays."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from visitors import PASSWORD, Served, sign_up, visit

#: A security key that is touched at once.
DEVICE = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def password(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=email]", "li@example.org")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")


def test_a_passkey_is_added_signs_in_and_is_removed(browser: Browser, served: Served) -> None:
    # A browser binds passkeys to names, not to numbers.
    there = Served(served.address.replace("127.0.0.1", "localhost"), served.setup.replace("127.0.0.1", "localhost"))
    visitor = visit(browser)
    page = visitor.page
    sign_up(visitor, there)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    page.goto(f"{there.address}/desk/me/")
    page.get_by_role("link", name="添加通行密钥").click()
    page.fill("[name=name]", "安全密钥")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.locator("main code")).to_have_count(10)
    page.get_by_role("link", name="已保存，返回").click()
    expect(page.locator("main")).to_contain_text("还没有用过")

    # The same device is not added twice.
    page.get_by_role("link", name="添加通行密钥").click()
    page.fill("[name=name]", "同一个")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.locator("form [aria-live]")).to_contain_text("已有您的通行密钥")

    page.get_by_role("button", name="退出").click()
    password(page, there.address)
    page.wait_for_url("**/sign-in/factor**")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url(f"{there.address}/desk/")
    page.goto(f"{there.address}/desk/me/")
    expect(page.locator("main")).to_contain_text("上次使用")
    # What cannot be taken back is told before it is done.
    expect(page.get_by_role("button", name="确认删除 安全密钥")).to_be_hidden()
    page.locator("summary", has_text="删除 安全密钥").click()
    page.get_by_role("button", name="确认删除 安全密钥").click()
    expect(page.locator("main")).to_contain_text("通行密钥已删除")

    page.get_by_role("button", name="退出").click()
    password(page, there.address)
    page.wait_for_url(f"{there.address}/desk/")
    assert visitor.complaints == []
