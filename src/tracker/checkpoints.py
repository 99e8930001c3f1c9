"""Checkpoints: how long the chain is and which hash ends it, signed, for others to keep outside the database.

A checkpoint is a signed note in the form of C2SP (`signed-note`, the first three lines as in `tlog-checkpoint`): the
name of the installation, the number of entries, the last hash in base64; then lines of our own, an empty line, and an
Ed25519 signature. The hash ends a chain; it is not the root of a Merkle tree. Lines `entry N HASH` repeat earlier
hashes, the closer to the end the denser, so that one checkpoint tells about where a change of the past lies.

None is kept in the database: who can rewrite the one could rewrite the other. What proves is what others have kept.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from tracker import keys
from tracker.chain import Misfit
from tracker.config import settings
from tracker.models import AuditEvent, ChainEntry

#: How the file of the key ends that lies beside the database.
KEY = ".checkpoint.key"

#: The kind of signature, by its number in the signed note.
_ED25519 = b"\x01"

#: How many entries are asked for at a time.
_STEP = 500

_COUNT = re.compile(r"[1-9][0-9]{0,15}")
_LOG_LINE = re.compile(r'([0-9a-f]{64}) \{.*"seq":(\d+)\}')
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/=]+)")


class NoCheckpoint(ValueError):
    """A text that holds no checkpoint, or one that nobody can read. The text says why."""


class WrongSignature(ValueError):
    """A checkpoint that was not signed with the key that was named, or was changed since."""


@dataclass(frozen=True)
class Anchor:
    """What somebody kept: hashes of entries by their place in the chain."""

    origin: str
    size: int
    #: place → hash in hexadecimal
    entries: Mapping[int, str]
    #: what its other lines say: `time`, `version`, `file`
    said: Mapping[str, str] = field(default_factory=dict)


def signing_key(beside: Path) -> Ed25519PrivateKey:
    """The key of this installation, made at the first call: in `TRACKER_CHECKPOINT_KEY`, else in the file `beside`."""
    kept = keys.kept(Path(settings().checkpoint_key or beside))
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"tracker checkpoint\0" + kept.encode()).digest())


def public_key(session: Session, key: Ed25519PrivateKey) -> str:
    """The public key as a line to hand on: name, number of the key, key."""
    raw, (name, _) = _ED25519 + key.public_key().public_bytes_raw(), _ends(session)
    return f"{name}+{_number(name, raw).hex()}+{base64.b64encode(raw).decode()}"


def checkpoint(session: Session, key: Ed25519PrivateKey, *, file: Path | str = "") -> str:
    """The chain as it stands, signed; with SHA-256 and name of a `file` that goes with it, where there is one."""
    if isinstance(file, Path):
        file = f"{digest(file)} {file.name}"
    name, last = _ends(session)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    lines = [name, str(last.seq + 1), _base64(last.hash), f"time {now}", f"version {version('tracker')}"]
    # A name of a file holds no end of a line: it would be a line of ours.
    of = "".join(character if character.isprintable() else "_" for character in file)
    lines += [*([f"file {of}"] if file else []), *_earlier(session, last.seq)]
    text = "\n".join(lines) + "\n"
    number = _number(name, _ED25519 + key.public_key().public_bytes_raw())
    return f"{text}\n— {name} {base64.b64encode(number + key.sign(text.encode())).decode()}\n"


def _earlier(session: Session, last: int) -> list[str]:
    """Hashes 1, 2, 4, 8 … entries before the last."""
    places = [last - (1 << power) for power in range(last.bit_length()) if last >= 1 << power]
    rows = select(ChainEntry.seq, ChainEntry.hash).where(ChainEntry.seq.in_(places)).order_by(ChainEntry.seq)
    return [f"entry {row.seq} {_base64(row.hash)}" for row in session.execute(rows)]


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def read(text: str, public: str = "") -> list[Anchor]:
    """The checkpoints of a text, or the log that was exported (`HASH {…}` on each line), as one anchor.

    Raises `NoCheckpoint`; with a `public` key, `WrongSignature` where one is not signed by it.
    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    if logged := {int(found[2]): found[1] for found in map(_LOG_LINE.fullmatch, text.splitlines()) if found}:
        return [Anchor("", max(logged) + 1, logged)]
    # Notes may follow each other without an empty line.
    blocks = re.sub(r"(?m)^(— .*)\n(?!— )", r"\1\n\n", text).strip("\n").split("\n\n")
    notes = [(body.strip("\n") + "\n", signed) for body, signed in pairwise(blocks) if signed.strip().startswith("— ")]
    if not notes or any(body.count("\n") < 3 for body, _ in notes):
        raise NoCheckpoint("这不是检查点 / this is no checkpoint: it has three lines, an empty line and a signature")
    anchors = [_anchor(body) for body, _ in notes]
    if public and not all(_is_signed(body, signatures, public) for body, signatures in notes):
        raise WrongSignature("签名不符：不是用这把密钥签的，或签后被改动 / not signed with this key, or changed since")
    return anchors


def _anchor(body: str) -> Anchor:
    origin, size, head, *lines = body.splitlines()
    said = {name: rest for name, _, rest in (line.partition(" ") for line in lines) if name != "entry"}
    pairs = [[*line.split(" "), "", ""][1:3] for line in lines if line.startswith("entry ")]
    if not _COUNT.fullmatch(size) or not all(_COUNT.fullmatch(seq) or seq == "0" for seq, _ in pairs):
        raise NoCheckpoint("检查点的条数无法读取 / the number of entries of the checkpoint cannot be read")
    entries = {int(seq): _hexadecimal(hash_) for seq, hash_ in [*pairs, (str(int(size) - 1), head)]}
    return Anchor(origin, int(size), entries, said)


def _hexadecimal(hash_: str) -> str:
    try:
        raw = base64.b64decode(hash_, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != hashlib.sha256().digest_size:
        raise NoCheckpoint("检查点的校验和无法读取 / a hash of the checkpoint cannot be read")
    return raw.hex()


def _is_signed(body: str, signatures: str, public: str) -> bool:
    name, raw = _known(public)
    key = Ed25519PublicKey.from_public_bytes(raw[1:])
    for signer, signature in _SIGNATURE.findall(signatures):
        try:
            given = base64.b64decode(signature, validate=True)
            if signer == name and given[:4] == _number(name, raw):
                key.verify(given[4:], body.encode())
                return True
        except (InvalidSignature, ValueError):
            continue
    return False


def _known(public: str) -> tuple[str, bytes]:
    """Name and key of a line that `public_key` made."""
    name, _, rest = public.strip().partition("+")
    try:
        raw = base64.b64decode(rest.partition("+")[2], validate=True)
    except ValueError:
        raw = b""
    if not name or len(raw) != 33 or raw[:1] != _ED25519:
        raise NoCheckpoint("公钥无法读取 / this is no public key: it reads NAME+NUMBER+KEY, as on the page /integrity")
    return name, raw


def compare(session: Session, anchors: list[Anchor]) -> list[Misfit]:
    """Where the chain is not what was kept: of each anchor the first entry that does not fit."""
    return [misfit for anchor in anchors if (misfit := _first(session, anchor))]


def _first(session: Session, anchor: Anchor) -> Misfit | None:
    if anchor.origin and anchor.origin != _ends(session)[0]:
        return Misfit(0, "", "", f"the checkpoint is of another ledger, {anchor.origin}")
    fits = -1
    for seq, row in _kept(session, sorted(anchor.entries)):
        if row is None:
            end = session.scalar(select(func.max(ChainEntry.seq)))
            return Misfit(min(seq, -1 if end is None else end) + 1, "", "", f"missing: {anchor.size} entries were kept")
        if row.hash != anchor.entries[seq]:
            where = "" if fits == seq - 1 else f"; the last before it that was kept and fits is seq {fits}"
            return Misfit(seq, row.table_name or "", row.row_key or "", f"is not what was kept{where}")
        fits = seq
    return None


def _kept(session: Session, wanted: list[int]) -> Iterator[tuple[int, Any]]:
    """The entries at these places, in their order; nothing where one is missing."""
    columns = select(ChainEntry.seq, ChainEntry.hash, AuditEvent.table_name, AuditEvent.row_key)
    rows = columns.outerjoin(AuditEvent, AuditEvent.id == ChainEntry.event_id)
    for start in range(0, len(wanted), _STEP):
        part = wanted[start : start + _STEP]
        there = {row.seq: row for row in session.execute(rows.where(ChainEntry.seq.in_(part)))}
        yield from ((seq, there.get(seq)) for seq in part)


def _ends(session: Session) -> tuple[str, Any]:
    """The name of the installation, and the last entry."""
    ends = ChainEntry.seq.in_((literal(0), select(func.max(ChainEntry.seq)).scalar_subquery()))
    rows = select(ChainEntry.seq, ChainEntry.instance, ChainEntry.hash).where(ends).order_by(ChainEntry.seq)
    found = session.execute(rows).all()
    if not found:
        raise NoCheckpoint("记录链是空的 / the chain is empty")
    return found[0].instance or "", found[-1]


def _number(name: str, raw: bytes) -> bytes:
    """The number by which a signed note names a key: four bytes."""
    return hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]


def _base64(hash_: str) -> str:
    return base64.b64encode(bytes.fromhex(hash_)).decode()
