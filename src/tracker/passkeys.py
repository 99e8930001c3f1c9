"""Passkeys (WebAuthn): a device proves with a key of its own, once for each challenge, that it is there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import webauthn
from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tracker import second_factors, throttle
from tracker.models import Passkey, User
from tracker.throttle import Counted

#: Longest answer of a browser, in characters.
LONGEST = 6000

#: The largest count that is taken; devices begin at 0.
_LARGEST_COUNT = 2**31 - 1

#: What the library raises at an answer that is no answer.
_UNFIT = (WebAuthnException, ValueError, TypeError, LookupError, RecursionError)

_KEYS = cast("Table", Passkey.__table__)


@dataclass(frozen=True)
class Site:
    """What a browser binds a passkey to: the name of the host, and where its pages begin."""

    name: str
    origins: tuple[str, ...]


def of(session: Session, user_id: int) -> list[Passkey]:
    """The passkeys of an account, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)))


def to_add(session: Session, user: User, site: Site, challenge: str) -> str:
    """What a browser is asked for a new passkey, as JSON. A device that has one already makes no other."""
    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=site.name,
            rp_name="tracker",
            user_id=hashlib.sha256(f"tracker account {user.id}".encode()).digest(),
            user_name=user.email or user.name,
            user_display_name=user.name,
            challenge=challenge.encode(),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
            exclude_credentials=_described(of(session, user.id)),
        )
    )


def to_sign_in(keys: list[Passkey], site: Site, challenge: str) -> str:
    """What a browser is asked so that one of these passkeys proves that it is there, as JSON."""
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=site.name, challenge=challenge.encode(), allow_credentials=_described(keys)
        )
    )


def add(session: Session, user: User, name: str, answer: str, *, site: Site, challenge: str) -> Passkey | None:
    """Give an account the passkey that a browser has made; none where the answer is no good. Flushed.

    The challenge is used up in any case: commit also where nothing was added.
    """
    if not _is_first(session, challenge):
        return None
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.name,
            expected_origin=list(site.origins),
        )
    except _UNFIT:
        return None
    known = session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id))
    if known is not None or made.sign_count > _LARGEST_COUNT:
        return None
    key = Passkey(user_id=user.id, name=name, credential_id=made.credential_id, public_key=made.credential_public_key,
                  sign_count=made.sign_count, added_at=datetime.now(UTC))  # fmt: skip
    session.add(key)
    session.flush()
    return key


def use(session: Session, user_id: int, answer: str, *, site: Site, challenge: str) -> bool:
    """Whether a passkey of the account has answered this challenge, for the first time.

    The challenge is used up in any case, and one statement counts on, so that of two copies of a key one is refused.
    Leaves committing to the caller.
    """
    if not _is_first(session, challenge):
        return False
    try:
        given = parse_authentication_credential_json(answer)
        key = session.scalar(select(Passkey).where(Passkey.user_id == user_id, Passkey.credential_id == given.raw_id))
        if key is None:
            return False
        proved = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.name,
            expected_origin=list(site.origins),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except _UNFIT:
        return False
    count = proved.new_sign_count
    # Many devices do not count and say 0 for ever.
    grows = _KEYS.c.sign_count < count if count else _KEYS.c.sign_count == 0
    counted = update(_KEYS).where(_KEYS.c.id == key.id, grows).values(sign_count=count, last_used_at=datetime.now(UTC))
    return count <= _LARGEST_COUNT and session.connection().execute(counted).rowcount == 1


def remove(session: Session, user: User, key: Passkey) -> None:
    """Take a passkey from an account, and the recovery codes with the last factor. Flushed.

    Raises `PasswordTooShort` where it is the last factor and the password cannot stand alone.
    """
    if of(session, user.id) == [key] and not second_factors.has_app(session, user.id):
        second_factors.remove_all(session, user)
        return
    session.delete(key)
    session.flush()


def _described(keys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in keys]


def _is_first(session: Session, challenge: str) -> bool:
    """Whether nobody has answered this challenge yet; from now on somebody has."""
    return throttle.take(session, ((Counted.CHALLENGE, challenge),)) is not None
