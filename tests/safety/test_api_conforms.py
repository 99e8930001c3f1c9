"""The API as it is described: what its document allows is answered as it says, and nothing with a fault of the program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from sqlalchemy import Engine, select

from following import ANALYST, follow_through, record
from tracker import db, tokens
from tracker.codebook import Execution, Role
from tracker.models import User

#: How often each operation is asked: as its document allows, and otherwise.
EXAMPLES = {"sqlite": 12, "postgresql": 4}


@pytest.fixture
def token(app: Flask, ledger: Engine) -> str:  # noqa: ARG001 - it makes the accounts
    """A token that may do everything, on a ledger that has something of every shape."""
    with db.writing(ledger, actor=ANALYST) as session:
        follow_through(session, record(session, "CZ-2020-01.1", Execution.IN_PROGRESS))
        owner = session.scalars(select(User).where(User.name == "某管理员")).one()
        return tokens.make(session, owner, "程序", Role.ADMIN)[1]


def test_I1_the_api_answers_as_its_document_says_whatever_is_asked(
    app: Flask, token: str, dialect: str, record_property: Callable[[str, object], None]
) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    answers: Counter[int] = Counter()

    def act(case: Any) -> None:
        headers = {"Authorization": f"Bearer {token}"} if case.method != "GET" else {}
        answer = case.call(base_url="http://localhost/api/v1", headers=headers)
        answers[answer.status_code] += 1
        assert answer.status_code < 500, (case.method, case.path, answer.text)
        assert str(answer.status_code) in case.operation.definition.raw["responses"], (
            case.method,
            case.path,
            answer.text,
        )
        case.operation.validate_response(answer)

    for operation in (found.ok() for found in schema.get_all_operations()):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            tried(EXAMPLES[dialect], operation.as_strategy(generation_mode=mode), act)
    record_property(f"I1 requests to the API, {dialect}", answers.total())
    assert {200, 400, 404, 422} <= set(answers)
    assert answers.total() > 100


def tried(examples: int, strategy: Any, act: Callable[[Any], None]) -> None:
    """Act on as many examples, the same in every run."""
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    once = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=checks,
    )
    once(given(strategy)(act))()
