"""Second factors of an account: an app's codes, each good once, and recovery codes for the day when they are lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from datetime import UTC, datetime
from typing import cast

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import CursorResult, Table, exists, func, or_, select, update
from sqlalchemy.orm import Session

from tracker.models import AuthenticatorApp, Passkey, RecoveryCode, User

#: Recovery codes of an account.
CODES = 10

#: Seconds that a code of an app is shown; those just before and after are taken too, for clocks that differ.
_STEP = 30

#: Letters that are not taken for one another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_APPS, _CODES = cast("Table", AuthenticatorApp.__table__), cast("Table", RecoveryCode.__table__)


class PasswordTooShort(ValueError):
    """The account's password stands only beside a second factor."""


def has_one(session: Session, user_id: int) -> bool:
    """Whether an account has a second factor."""
    app, key = exists().where(AuthenticatorApp.user_id == user_id), exists().where(Passkey.user_id == user_id)
    return bool(session.scalar(select(or_(app, key))))


def has_app(session: Session, user_id: int) -> bool:
    """Whether an account has an app."""
    return bool(session.scalar(select(exists().where(AuthenticatorApp.user_id == user_id))))


def codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes an account has not used yet."""
    left = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0


def new_seed() -> str:
    """The seed of an app's codes, which the app takes in once."""
    return pyotp.random_base32()


def address(seed: str, email: str) -> str:
    """What the app reads from the picture: the seed, and whose it is."""
    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name="tracker")


def _step_now() -> int:
    return int(time.time()) // _STEP


def step_of(seed: str, code: str) -> int | None:
    """The thirty seconds that a code belongs to; none where it is not one of now."""
    typed, now = "".join(code.split()), _step_now()
    fitting = (
        [step for step in (now - 1, now, now + 1) if hmac.compare_digest(pyotp.TOTP(seed).generate_otp(step), typed)]
        if typed.isascii()
        else []
    )
    return max(fitting, default=None)


def add_app(session: Session, user: User, seed: str, step: int, key: str) -> list[str]:
    """Give an account an app and new recovery codes, which are returned and never shown again. Flushed."""
    session.add(AuthenticatorApp(user_id=user.id, secret=sealed(seed, key), last_step=step, added_at=datetime.now(UTC)))
    return renew_codes(session, user)


def renew_codes(session: Session, user: User) -> list[str]:
    """New recovery codes in place of those that are left. Flushed."""
    for old in session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user.id)):
        session.delete(old)
    session.flush()
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=user.id, digest=_digest(code), used_at=None) for code in codes)
    session.flush()
    return codes


def use(session: Session, user_id: int, code: str, key: str) -> str | None:
    """Use up a code of the app or a recovery code; says which it was, or none where it is no good or was used.

    One statement decides, so that a code that is sent twice at once is taken once. Leaves committing to the caller.
    """
    app = session.scalar(select(AuthenticatorApp).where(AuthenticatorApp.user_id == user_id))
    seed = opened(app.secret, key) if app else None
    if seed and (step := step_of(seed, code)) is not None:
        taken = update(_APPS).where(_APPS.c.user_id == user_id, _APPS.c.last_step < step).values(last_step=step)
        return "app" if _changed(session, taken) else None
    spent = (
        update(_CODES)
        .where(_CODES.c.user_id == user_id, _CODES.c.digest == _digest(code), _CODES.c.used_at.is_(None))
        .values(used_at=datetime.now(UTC))
    )
    return "recovery code" if _changed(session, spent) else None


def remove_all(session: Session, user: User) -> None:
    """Take every second factor from an account. Raises `PasswordTooShort` where the password cannot stand alone."""
    if user.password_is_short:
        raise PasswordTooShort
    for table in (AuthenticatorApp, Passkey, RecoveryCode):
        for row in session.scalars(select(table).where(table.user_id == user.id)):
            session.delete(row)
    session.flush()


def sealed(seed: str, key: str) -> str:
    """A seed as it is kept: encrypted with the key of the installation, which is not in the database."""
    return _cipher(key).encrypt(seed.encode()).decode()


def opened(secret: str, key: str, *, within: int | None = None) -> str | None:
    """A seed that was sealed, within so many seconds; none where the key is another or it is older."""
    try:
        return _cipher(key).decrypt(secret.encode(), ttl=within).decode()
    except InvalidToken:
        return None


def _cipher(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tracker second factors").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _digest(code: str) -> str:
    return hashlib.sha256("".join(code.lower().replace("-", "").split()).encode()).hexdigest()


def _changed(session: Session, statement: object) -> bool:
    result = cast("CursorResult[object]", session.connection().execute(statement))  # type: ignore[call-overload]
    return result.rowcount == 1
