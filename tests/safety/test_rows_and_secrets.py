"""What somebody may not see shows on no page, in no file and in no lookup: drafts, private lists, first codes, secrets."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from addresses import DESK, PAGES
from following import commitment, record
from tracker import db, reliability
from tracker.app import create_app
from tracker.codebook import CodedField, Execution, PublicationState, Role
from tracker.comments import remark
from tracker.models import ApiToken, AuthenticatorApp, Passkey, RecoveryCode, User
from tracker.saved_lists import keep
from visiting import account, send, signed_in

#: A word that stands in everything that is not for everybody.
PLANTED = "埋下的字"
DRAFT, WITHDRAWN = "CZ-2020-02.1", "JZ-2020-21.2"
SECRETS = {
    "hash": "$argon2id$planted-hash",
    "uniquifier": "planted-uniquifier",
    "totp": "planted-totp-secret",
    "passkey": "planted-passkey",
    "recovery": "planted-recovery-digest",
    "token": "planted-token-digest".ljust(64, "0"),
}


def plant(session: Session) -> None:
    """A draft and a withdrawn commitment with a finding, a comment, a private list, and somebody's secrets."""
    people = {str(role): account(session, str(role), role, f"{role}@example.org") for role in Role}
    for code, state in ((DRAFT, PublicationState.DRAFT), (WITHDRAWN, PublicationState.WITHDRAWN)):
        row = commitment(session, code)
        record(session, code, Execution.IN_PROGRESS, summary=f"{PLANTED}{code}", progress=PLANTED)
        row.title_zh, row.title_en, row.note_zh = f"{PLANTED}{code}", f"{PLANTED}{code}", PLANTED
        row.publication_state = state
    remark(session, commitment(session, "CZ-2020-01"), f"{PLANTED}讨论", author=people["analyst"])
    keep(session, f"{PLANTED}清单", "search=" + PLANTED, owner=people["reviewer"])
    victim = account(session, "有秘密的人", Role.ADMIN, "victim@example.org")
    victim.password, victim.fs_uniquifier = SECRETS["hash"], SECRETS["uniquifier"]
    session.flush()
    now = datetime.now(UTC)
    session.add_all(
        [
            AuthenticatorApp(user_id=victim.id, secret=SECRETS["totp"], last_step=0, added_at=now),
            Passkey(user_id=victim.id, name="钥匙", credential_id=SECRETS["passkey"].encode(),
                    public_key=SECRETS["passkey"].encode(), sign_count=0, added_at=now),
            RecoveryCode(user_id=victim.id, digest=SECRETS["recovery"]),
            ApiToken(user_id=victim.id, name="程序", role=Role.ADMIN, digest=SECRETS["token"], made_at=now,
                     expires_at=now + timedelta(days=1)),
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def app(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    file = tmp_path_factory.mktemp("rows") / "tracker.db"
    shutil.copy(seeded_file, file)
    app = create_app(f"sqlite:///{file}")
    with db.writing(app.extensions["engine"], actor="测试") as session:
        plant(session)
    yield app
    app.extensions["engine"].dispose()


def public() -> list[str]:
    """Every page for readers, in each of its forms, and what is asked of charts."""
    pages = [
        address for addresses in PAGES.values() for address in addresses if not address.startswith(("/sign", "/setup"))
    ]
    asked = [page for page in pages if page.count("/") < 3]
    data = ("json", "csv", "atom", "ics")
    forms = [f"{page}{'&' if '?' in page else '?'}format={form}" for page in asked for form in data]
    charts = [f"/charts/{name}.svg" for name in ("pace", "statuses", DRAFT, WITHDRAWN, f"timeline-{DRAFT}")]
    searched = [f"/commitments?search={PLANTED}{form}" for form in ("", "&format=json", "&format=atom", "&format=ics")]
    searched += [f"/?search={PLANTED}"]
    return [*pages, *forms, *charts, *searched, "/documents/chenzhou-2020?as_of=2099-01-01", "/static/list.js"]


def test_Z3_nothing_of_a_draft_or_a_withdrawn_row_is_public(app: Flask) -> None:
    reader = app.test_client()
    # A page says what it was asked for; what was found ends in the code.
    said = [(page, reader.get(page, buffered=True).text) for page in public()]
    assert [page for page, text in said if f"{PLANTED}CZ" in text or f"{PLANTED}JZ" in text] == []
    assert [page for page, text in said if PLANTED in text and "search" not in page] == []


@pytest.mark.parametrize(
    "form", ["", "?format=json", "?format=csv", "?format=atom", "?format=ics", "?lang=en", "?as_of=2021-06-01"]
)
def test_Z3_a_draft_is_not_there_and_a_withdrawn_row_is_gone(app: Flask, form: str) -> None:
    reader = app.test_client()
    drafted, gone = reader.get(f"/commitments/{DRAFT}{form}"), reader.get(f"/commitments/{WITHDRAWN}{form}")
    assert (drafted.status_code, gone.status_code) == (404, 410)
    assert PLANTED not in drafted.text + gone.text


def test_Z3_an_export_has_no_draft_nor_what_was_withdrawn(app: Flask, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from tracker.cli import tracker

    engine = app.extensions["engine"]
    for form in ("csv", "jsonl"):
        out = tmp_path / f"out.{form}"
        told = ["--database", engine.url.render_as_string(), "export", "--format", form, "--out", str(out)]
        assert CliRunner().invoke(tracker, told).exit_code == 0
        text = out.read_text(encoding="utf-8")
        assert PLANTED not in text


def desk() -> list[str]:
    ids = [f"/desk/auditevent/details/?id={number}" for number in range(1, 4)]
    logs = ["/desk/auditevent/?format=csv", "/desk/auditevent/?table=saved_list", "/desk/auditevent/?table=user",
            "/desk/auditevent/?table=authenticator_app", "/desk/account/details/?id=6"]  # fmt: skip
    return [address for addresses in DESK.values() for address in addresses] + ids + logs


@pytest.fixture(scope="module")
def seen(app: Flask) -> dict[tuple[str, str], str]:
    """Every page of the desk as an analyst and an administrator see it."""
    browsers = {who: signed_in(app, who) for who in ("analyst", "admin")}
    return {(who, page): browser.get(page, buffered=True).text for who, browser in browsers.items() for page in desk()}


def test_Z5_no_secret_shows_on_any_page(seen: dict[tuple[str, str], str], app: Flask) -> None:
    everybody = [app.test_client().get(page, buffered=True).text for page in public()]
    texts = [*seen.values(), *everybody]
    assert len(texts) > 250
    with db.reading(app.extensions["engine"]) as session:
        rows = session.execute(select(User.password, User.fs_uniquifier)).all()
    secrets = {*SECRETS.values(), "$argon2", str(app.secret_key), *(value for row in rows for value in row if value)}
    assert [secret for secret in secrets if any(secret in text for text in texts)] == []


def test_Z5_no_secret_is_in_the_log_of_changes(app: Flask) -> None:
    with app.extensions["engine"].connect() as connection:
        told = " ".join(str(row) for row in connection.exec_driver_sql("SELECT changes FROM audit_event"))
        chained = " ".join(str(row) for row in connection.exec_driver_sql("SELECT * FROM chain_entry"))
    assert [secret for secret in (*SECRETS.values(), "$argon2") if secret in told + chained] == []


def test_Z3_a_private_list_is_its_owners(app: Flask, seen: dict[tuple[str, str], str]) -> None:
    assert [where for where, text in seen.items() if f"{PLANTED}清单" in text] == []
    owner, other = signed_in(app, "reviewer"), signed_in(app, "admin")
    page = owner.get("/desk/saved/").text
    assert f"{PLANTED}清单" in page
    (number,) = set(re.findall(r"/desk/saved/forget/\?id=(\d+)", page))
    mine = other.get("/desk/commitment/").text
    for act in ("rename", "forget"):
        answer = send(other, f"/desk/saved/{act}/?id={number}", {"name": "我的"}, mine)
        assert (act, answer.status_code) == (act, 404)
    assert f"{PLANTED}清单" in owner.get("/desk/saved/").text


def test_Z3_comments_are_for_the_desk(app: Flask) -> None:
    assert f"{PLANTED}讨论" in signed_in(app, "reader").get("/desk/comments/of/?code=CZ-2020-01").text
    for page in ("/desk/comments/", "/desk/comments/of/?code=CZ-2020-01"):
        assert app.test_client().get(page).status_code == 302


def test_Z3_who_codes_blind_sees_no_first_code_and_decides_nothing(app: Flask) -> None:
    engine = app.extensions["engine"]
    with db.writing(engine, actor="测试") as session:
        by = session.scalars(select(User).where(User.name == "admin")).one()
        drawn = reliability.draw(session, "盲编", size=3, fields={CodedField.TENSE}, seed=3, drawn_by=by)
        coder = session.scalars(select(User).where(User.name == "reviewer")).one()
        reliability.code(session, drawn.items[0], "planned", coder=coder)
        number, item, first = drawn.id, drawn.items[1].id, drawn.items[0].id
    coder_browser = signed_in(app, "reviewer")
    assert coder_browser.get(f"/desk/coding/adjudicate/?item={item}").status_code == 403
    assert coder_browser.get(f"/desk/coding/adjudicate/?item={first}").status_code == 403
    page = coder_browser.get(f"/desk/coding/round/?id={number}&look=1").text
    assert "α" not in page.split("<main")[1]
    assert "adjudicate" not in page


def test_Z3_no_number_of_a_row_that_is_not_there_tells_anything(app: Flask) -> None:
    admin = signed_in(app, "admin")
    for page in ("details", "edit"):
        for number in ("999999", "0", "-1", "1 OR 1=1", "1,2"):
            answer = admin.get(f"/desk/person/{page}/?id={number}")
            assert (number, answer.status_code) in {(number, 404), (number, 400)}
