"""Passkeys: added and used by a device made of software here; each answer fits one challenge, one site, one account."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from webauthn.helpers import encode_cbor
from werkzeug.test import TestResponse

from tracker import db, second_factors
from tracker.models import AuditEvent, Passkey, RecoveryCode, User
from visiting import PASSWORD, Somebody, count, send

EMAIL = "analyst@example.org"
ORIGIN = "http://localhost"


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def asked(page: str) -> dict[str, object]:
    """What the page has the browser ask of a device."""
    found = re.search(r'data-asked="([^"]+)"', page)
    assert found
    return dict(json.loads(html.unescape(found[1])))


@dataclass
class Device:
    """A device with one key on the curve P-256, which counts how often it signs."""

    origin: str = ORIGIN
    host: str = "localhost"
    signed: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    name: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def _client(self, kind: str, challenge: object) -> bytes:
        said = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _state(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.signed.to_bytes(4, "big")

    def _answer(self, **response: bytes) -> str:
        given = {name: coded(value) for name, value in response.items()}
        return json.dumps({"id": coded(self.name), "rawId": coded(self.name), "type": "public-key", "response": given})

    def made(self, page: str) -> str:
        """The answer to a page that asks for a new passkey."""
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        credential = bytes(16) + len(self.name).to_bytes(2, "big") + self.name + encode_cbor(public)
        whole = encode_cbor({"fmt": "none", "attStmt": {}, "authData": self._state(0x41) + credential})
        return self._answer(clientDataJSON=self._client("create", asked(page)["challenge"]), attestationObject=whole)

    def used(self, page: str) -> str:
        """The answer to a page that asks for a passkey to sign in."""
        self.signed += 1
        client, state = self._client("get", asked(page)["challenge"]), self._state(0x01)
        signature = self.key.sign(state + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=state, signature=signature)


def add(client: FlaskClient, device: Device, name: str = "工作手机") -> TestResponse:
    page = client.get("/desk/me/passkey/").text
    return send(client, "/desk/me/passkey/", {"name": name, "answer": device.made(page)}, page)


def half_in(app: Flask, email: str = EMAIL) -> tuple[FlaskClient, str]:
    """A browser where the password was right, and the page that asks for the second factor."""
    client = app.test_client()
    assert send(client, "/sign-in", {"email": email, "password": PASSWORD}).location.startswith("/sign-in/factor")
    assert client.get("/desk/").location.startswith("/sign-in")
    return client, client.get("/sign-in/factor").text


def answer(client: FlaskClient, page: str, said: str) -> TestResponse:
    return send(client, "/sign-in/factor", {"answer": said}, page)


def kept(ledger: Engine) -> list[Passkey]:
    with db.reading(ledger) as session:
        return list(session.scalars(select(Passkey).order_by(Passkey.id)))


def test_W9_a_passkey_signs_in_after_the_password_and_each_challenge_is_answered_once(
    app: Flask, analyst: FlaskClient, ledger: Engine
) -> None:
    device = Device()
    assert len(re.findall(r"<code>[a-z0-9]{5}-[a-z0-9]{5}</code>", add(analyst, device).text)) == second_factors.CODES
    assert "工作手机" in analyst.get("/desk/me/").text
    client, page = half_in(app)
    cookie = client.get_cookie("session")
    assert cookie
    said = device.used(page)
    assert answer(client, page, said).location == "/desk/"
    assert client.get("/desk/").status_code == 200
    (key,) = kept(ledger)
    assert (key.sign_count, key.last_used_at is not None) == (1, True)
    # A browser that puts back the cookie of before has the challenge again; it is used up, whatever the count says.
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    device.signed = 8
    for repeated in (said, device.used(page)):
        assert answer(thief, page, repeated).status_code == 200
    assert thief.get("/desk/").location.startswith("/sign-in")


def test_W9_a_wrong_answer_uses_the_challenge_up(app: Flask, analyst: FlaskClient) -> None:
    device = Device()
    add(analyst, device)
    client, page = half_in(app)
    cookie = client.get_cookie("session")
    assert cookie
    assert "通行密钥没有被接受" in answer(client, page, Device(name=device.name).used(page)).text
    client.set_cookie("session", cookie.value)
    assert answer(client, page, device.used(page)).status_code == 200
    page = client.get("/sign-in/factor").text
    assert answer(client, page, device.used(page)).location == "/desk/"


@pytest.mark.parametrize("elsewhere", [{"origin": "http://localhost.example.org"}, {"host": "example.org"}], ids=str)
def test_W9_an_answer_to_another_site_is_refused(
    app: Flask, analyst: FlaskClient, ledger: Engine, elsewhere: dict[str, str]
) -> None:
    assert "没有添加" in add(analyst, Device(**elsewhere)).text  # type: ignore[arg-type]
    assert kept(ledger) == []
    device = Device()
    add(analyst, device)
    client, page = half_in(app)
    false = Device(**elsewhere, key=device.key, name=device.name)  # type: ignore[arg-type]
    assert answer(client, page, false.used(page)).status_code == 200
    assert client.get("/desk/").location.startswith("/sign-in")


def test_W9_the_passkey_of_another_account_is_refused(app: Flask, analyst: FlaskClient, somebody: Somebody) -> None:
    reviewer, mine, theirs = somebody("reviewer"), Device(), Device()
    add(analyst, mine)
    add(reviewer, theirs)
    assert "没有添加" in add(reviewer, mine).text, "one key is one account's"
    client, page = half_in(app)
    assert answer(client, page, theirs.used(page)).status_code == 200
    assert client.get("/desk/").location.startswith("/sign-in")


def test_W9_a_copy_of_a_key_that_counts_behind_is_refused(app: Flask, analyst: FlaskClient) -> None:
    device = Device()
    add(analyst, device)
    device.signed = 4
    client, page = half_in(app)
    assert answer(client, page, device.used(page)).location == "/desk/"
    copy = Device(key=device.key, name=device.name, signed=4)
    client, page = half_in(app)
    assert answer(client, page, copy.used(page)).status_code == 200


def test_W10_passkeys_are_tried_five_times_in_a_quarter_of_an_hour(app: Flask, analyst: FlaskClient) -> None:
    device = Device()
    add(analyst, device)
    client, page = half_in(app)
    assert [answer(client, page, said).status_code for said in ("{}", "[" * 2000, "x", "null", '{"id": 1}', "{}")] == [
        *[200] * 5,
        429,
    ]
    page = client.get("/sign-in/factor").text
    assert answer(client, page, device.used(page)).status_code == 429


def test_W11_a_short_password_keeps_its_last_passkey(analyst: FlaskClient, ledger: Engine) -> None:
    add(analyst, Device(), "一")
    add(analyst, Device(), "二")
    short = {"password": PASSWORD, "new_password": "vQ2!mL9z", "again": "vQ2!mL9z"}
    assert send(analyst, "/desk/me/password/", short).location == "/desk/me/"
    for key in kept(ledger):
        send(analyst, f"/desk/me/passkey/remove?id={key.id}", {}, analyst.get("/desk/me/").text)
    assert [key.name for key in kept(ledger)] == ["二"]
    assert "请先改一个更长的密码" in analyst.get("/desk/me/").text


def test_W9_a_passkey_is_removed_by_its_owner_and_the_last_one_takes_the_recovery_codes_along(
    app: Flask, analyst: FlaskClient, somebody: Somebody, ledger: Engine
) -> None:
    add(analyst, Device())
    (key,) = kept(ledger)
    reviewer = somebody("reviewer")
    gone = f"/desk/me/passkey/remove?id={key.id}"
    assert send(reviewer, gone, {}, reviewer.get("/desk/me/").text).status_code == 404
    with analyst.session_transaction() as session:
        session["proved"] = 0
    assert send(analyst, gone, {}, analyst.get("/desk/me/").text).location.startswith("/confirm")
    assert send(analyst, "/confirm", {"password": PASSWORD}).status_code == 302
    assert send(analyst, gone, {}, analyst.get("/desk/me/").text).location == "/desk/me/"
    assert (count(ledger, Passkey), count(ledger, RecoveryCode)) == (0, 0)
    assert send(app.test_client(), "/sign-in", {"email": EMAIL, "password": PASSWORD}).location == "/desk/"


def test_W9_an_administrator_takes_lost_passkeys_away(
    app: Flask, admin: FlaskClient, analyst: FlaskClient, ledger: Engine
) -> None:
    add(analyst, Device())
    with db.reading(ledger) as session:
        user = session.scalars(select(User).where(User.email == EMAIL)).one()
    values = {"email": EMAIL, "role": "analyst", "active": "y", "reset_factor": "y"}
    assert send(admin, f"/desk/account/edit/?id={user.id}", values).status_code == 302
    assert send(app.test_client(), "/sign-in", {"email": EMAIL, "password": PASSWORD}).location == "/desk/"


def test_Z5_the_log_names_a_passkey_and_holds_nothing_of_its_key(analyst: FlaskClient, ledger: Engine) -> None:
    add(analyst, Device())
    (key,) = kept(ledger)
    send(analyst, f"/desk/me/passkey/remove?id={key.id}", {}, analyst.get("/desk/me/").text)
    with db.reading(ledger) as session:
        logged = select(AuditEvent).where(AuditEvent.table_name == "passkey").order_by(AuditEvent.id)
        made, removed = session.scalars(logged).all()
    assert (made.actor, made.changes["name"]) == (removed.actor, [None, "工作手机"])
    assert {str(event.changes[column]) for event in (made, removed) for column in ("credential_id", "public_key")} == {
        "['…', '…']"
    }
