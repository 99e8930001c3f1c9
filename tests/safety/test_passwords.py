"""Which passwords are taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

import tracker
from tracker import accounts, db, passwords
from visiting import send

COMMON = [
    line
    for line in (Path(tracker.__file__).parent / "common_passwords.txt").read_text().splitlines()
    if not line.startswith("#")
]
ABOUT = ("李明", "li.ming@example.org")


def test_W11_every_password_of_the_list_is_refused_even_with_a_second_factor() -> None:
    assert len(COMMON) >= 3000
    assert [word for word in COMMON if passwords.fault(word, has_factor=True) is None] == []
    assert [word for word in COMMON if passwords.fault(word.upper(), has_factor=True) is None] == []


@pytest.mark.parametrize(
    "word",
    [
        "",
        "fourteen chars",
        "x" * 129,
        "password12345678",
        "PasswordPassword",
        "111111111111111111",
        "abcabcabcabcabcabc",
        "abcdefghijklmnopqrst",
        "9876543210987654321",
        "qwertyuiopasdfghjkl",
        "郴州市郴州市郴州市郴州市郴州市",
        "chenzhou2020chenzhou",
        "李明李明李明李明李明李明李明李明",
        "Tracker-Chenzhou-1!",
        "ming@example.org2020",
    ],
)
def test_W11_what_is_guessed_first_is_refused(word: str) -> None:
    fault = passwords.fault(word, about=ABOUT)
    assert fault
    assert all(fault)


@pytest.mark.parametrize(
    "word",
    [
        "correct horse battery staple",
        "  spaces  at  both  ends  ",
        "纸上得来终觉浅，绝知此事要躬行",
        "tab\tand \U0001f40e and ümlaut are fine",
        "Rt7#" * 3 + "vQ2!mL9z" * 8,
        "".join(chr(0x4E00 + n * 7) for n in range(128)),
    ],
)
def test_W11_long_ones_are_taken_whatever_they_are_made_of(word: str) -> None:
    assert passwords.fault(word, about=ABOUT) is None


def test_W11_eight_characters_are_enough_only_beside_a_second_factor() -> None:
    assert passwords.fault("vQ2!mL9z", about=ABOUT) is not None
    assert passwords.fault("vQ2!mL9z", about=ABOUT, has_factor=True) is None
    assert passwords.fault("vQ2!mL9", about=ABOUT, has_factor=True) is not None


@pytest.mark.parametrize("address", ["/desk/account/new/", "/desk/account/edit/?id=1"])
def test_W11_the_desk_asks_the_same_of_a_password(admin: FlaskClient, address: str) -> None:
    weak = "chenzhou2020chenzhou"
    values = {
        "name": "王芳",
        "email": "wang@example.org",
        "role": "analyst",
        "active": "y",
        "new_password": weak,
        "again": weak,
    }
    assert "这个密码主要由姓名、邮箱或本站用语组成" in send(admin, address, values).text


def test_W11_a_space_at_the_end_of_a_password_counts(ledger: Engine) -> None:
    kept = passwords.kept("correct horse battery staple ")
    assert passwords.fits("correct horse battery staple ", kept.hash)
    assert not passwords.fits("correct horse battery staple", kept.hash)
    with db.reading(ledger) as session:
        assert not accounts.somebody_can_sign_in(session)
