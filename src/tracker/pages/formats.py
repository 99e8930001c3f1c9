"""A page as data, at its own address: `?format=json`, `csv` or `xlsx`, or what the browser says that it accepts.

What changes on it is followed there too, as `atom` (`feeds.py`), and its days as `ics` (`calendars.py`).
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from http import HTTPStatus
from importlib.metadata import version
from typing import IO, Any

from flask import Response, after_this_request, request
from sqlalchemy.orm import Session
from werkzeug.wsgi import wrap_file

from tracker import audit, codebook, events, export
from tracker.events import Event
from tracker.language import t
from tracker.pages.address import UnknownValue, here, whole
from tracker.records import FIELDS, Record
from tracker.standings import Cutoff
from tracker.written import Written

#: What a page can be asked for as, and what a browser calls it.
FORMS = {"html": "text/html", "json": "application/json", "csv": "text/csv", "xlsx": export.XLSX}

#: What the programs of readers follow a list or a commitment by.
FOLLOWED = {"atom": "application/atom+xml", "ics": "text/calendar"}

#: Licence of the ledger and of the program; quoted words are those of their publishers.
LICENCE = "MIT"

#: Bytes of an answer that are kept in memory; a longer one waits in a file.
_IN_MEMORY = 1 << 20


def wanted(also: Mapping[str, str] | None = None) -> str:
    """`html`, `json`, `csv`, `xlsx` or one `also`: as the address says, else as is accepted. Raises `UnknownValue`."""
    after_this_request(_varies)
    forms = {**FORMS, **(also or {})}
    given = request.args.get("format", "").strip()
    if given and given not in forms:
        why = t(f"没有“{given}”这种格式。可以选：", f"There is no format “{given}”. These can be asked for:")
        raise UnknownValue(why, links=[(here(format=form), form) for form in forms])
    if given:
        return given
    accepted = request.accept_mimetypes.best_match(forms.values(), default=forms["html"])
    return next(form for form, kind in forms.items() if kind == accepted)


def _varies(response: Response) -> Response:
    response.vary.add("Accept")
    return response


def meta(cutoff: Cutoff, **said: Any) -> dict[str, Any]:
    """What an answer says of itself: its address, the day it is true of, what was written by then, and versions."""
    return {
        "address": f"{whole()}?{request.query_string.decode('latin-1')}".rstrip("?"),
        **said,
        "as_of": cutoff.day(),
        "recorded_by": cutoff.recorded_by,
        "approved_only": cutoff.approved_only,
        "version": version("tracker"),
        "codebook": codebook.VERSION,
        "licence": LICENCE,
        "generated": datetime.now(UTC).replace(microsecond=0),
    }


def answer(
    records: Iterable[Record] | Written, form: str, name: str, meta: Mapping[str, Any], fields: Sequence[str] = FIELDS
) -> Response:
    """Records as `json` ({"meta": …, "rows": […]}), `csv` (with a BOM, for Excel) or `xlsx`, to be kept under an ETag.

    `name` is that of the file, without its ending; `fields` head an empty one; what is `Written` is JSON. The answer is
    written out before it is sent: what fails on the way is an error and not half a file, and a slow reader holds no
    transaction.
    """
    file: Any = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the response
    try:
        if isinstance(records, Written) or form == "json":
            _json(records, file, meta)
        else:
            export.write(iter(records), form, file, fields=fields)
        length, (mark, digest) = file.tell(), _marks(file, meta)
        body = file.read() if length <= _IN_MEMORY else wrap_file(request.environ, file)
    except BaseException:
        file.close()
        raise
    response = Response(body, content_type=FORMS[form] if form == "xlsx" else f"{FORMS[form]}; charset=utf-8")
    response.content_length = length
    response.set_etag(mark, weak=True)
    response.headers["Content-Digest"] = f"sha-256=:{b64encode(digest).decode()}:"
    if isinstance(body, bytes):
        file.close()
    else:
        # The server sends from the file, and closes it: passed on bit by bit, all of it would wait in its memory.
        response.direct_passthrough = True
    if form != "json":
        response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{form}")
    return response.make_conditional(request)  # type: ignore[return-value]  # itself


def followed(
    made_of: object, write: Callable[[], bytes], form: str, name: str, changed: datetime | None, *, rows: int
) -> Response:
    """A feed or calendar of so many `rows` in the language of the request, to be asked for again and again.

    It is only written where the asker does not have it: whatever `write` puts into it is in `made_of`, whose `repr` is
    the same for the same. `name` is that of its file, without the ending; `changed` is when any of it last did.
    """
    events.say(Event.EXPORTED, what=form, rows=rows)
    response = Response(content_type=f"{FOLLOWED[form]}; charset=utf-8")
    response.set_etag(hashlib.sha256(repr((version("tracker"), made_of)).encode()).hexdigest()[:32], weak=True)
    response.last_modified = changed
    # Else a cache would reckon for itself how long it may keep what changes seldom.
    response.cache_control.no_cache = True
    response.vary.update(["Accept-Language", "Cookie"])
    response.content_language.add(t("zh-Hans", "en"))
    response.headers.set("Content-Disposition", "inline", filename=f"{name}.{form}")
    if response.make_conditional(request).status_code != HTTPStatus.NOT_MODIFIED:
        response.set_data(write())
    return response


def changed(session: Session, cutoff: Cutoff) -> datetime | None:
    """When an answer may last have changed: with the ledger, or as the day did that today's timeliness is judged on."""
    written = session.scalar(audit.last_change())
    today = datetime.combine(cutoff.day(), time()).astimezone()
    return written if cutoff.as_of or not written else max(written, today)


def _json(records: Iterable[Record] | Written, out: Any, meta: Mapping[str, Any]) -> None:
    out.write(f'{{"meta": {export.as_json(dict(meta))}, "rows": ['.encode())
    count = 0
    if isinstance(records, Written):
        count = records.rows
        out.write(b"\n" if count else b"")
        out.write(records.text)
    else:
        for count, record in enumerate(records, 1):
            out.write(b",\n" if count > 1 else b"\n")
            out.write(export.as_json(record).encode())
    out.write(b"\n]}\n")
    events.say(Event.EXPORTED, what="json", rows=count)


def _marks(file: IO[bytes], meta: Mapping[str, Any]) -> tuple[str, bytes]:
    """What changes with the content of an answer and not with the second that it was made in; and its SHA-256."""
    file.seek(0)
    made = json.dumps(meta.get("generated"), ensure_ascii=False, default=export.plain).encode()
    mark, digest = hashlib.sha256(), hashlib.sha256()
    while block := file.read(1 << 16):
        mark.update(block.replace(made, b""))
        digest.update(block)
    file.seek(0)
    return mark.hexdigest()[:32], digest.digest()
