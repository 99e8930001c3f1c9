"""A damaged database is read and not written: pages go on, every change is answered 503 with the reason."""

from __future__ import annotations

from flask import Flask, abort, current_app, request

from tracker.language import t

_READS = {"GET", "HEAD", "OPTIONS"}


def install(app: Flask) -> None:
    """Refuse every change while `READ_ONLY` says why, before anything else looks at the request."""
    app.before_request_funcs.setdefault(None, []).insert(0, _refuse_changes)
    app.jinja_env.globals["read_only"] = _is_read_only


def _is_read_only() -> bool:
    return bool(current_app.config.get("READ_ONLY"))


def _refuse_changes() -> None:
    if request.method not in _READS and _is_read_only():
        abort(
            503,
            t(
                "数据库文件有损坏，台账暂时只读，改动没有写入。请通知管理员：先运行 tracker verify，再从备份恢复。",
                "The database is damaged, so the ledger is read-only for now and nothing was written. Tell whoever runs"
                " it: tracker verify, then restore a backup.",
            ),
        )
