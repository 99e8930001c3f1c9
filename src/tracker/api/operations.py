"""What the API offers: each operation is declared once, published in the OpenAPI document, and answered as declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from tracker.api.asked import Asked
from tracker.api.parameters import IF_NONE_MATCH, Parameter
from tracker.api.schemas import words
from tracker.codebook import Role

#: The header that names a request.
KEYED = Parameter(
    "Idempotency-Key",
    words(200, least=1, pattern="^[!-~]+$"),
    "您给这一请求起的名；同名同内容再发，答复与第一次相同，不重复写入（保留两天）",
    "a name of your own for this request: sent again with the same content it is answered as the first time and does"
    " nothing twice (for two days)",
    place="header",
    example="7f3c2a",
)


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of the API."""

    #: its name, in the document and among the routes
    name: str
    method: str
    #: below the base, with what it names in braces
    path: str
    #: the noun that it is about
    tag: str
    zh: str
    en: str
    #: what answers it: given what is asked, and by name what the path names
    act: Callable[..., Response]
    #: name of the shape that it answers with
    answers: str
    parameters: tuple[Parameter, ...] = ()
    #: name of the shape that is sent
    takes: str = ""
    #: role that it needs; none where anybody may ask
    role: Role | None = None
    status: int = 200
    #: statuses that it may answer beside the usual ones
    also: tuple[int, ...] = ()
    more_zh: str = ""
    more_en: str = ""
    #: values of the query in the example
    example: dict[str, str] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    def every_parameter(self) -> tuple[Parameter, ...]:
        """Its parameters with those that every reading takes."""
        return (*self.parameters, IF_NONE_MATCH) if self.is_read else self.parameters

    def refusals(self) -> tuple[int, ...]:
        """Statuses that it refuses with."""
        if self.is_read:
            usual = {400, 401, 429, 500, 503, *self.also}
        else:
            usual = {400, 401, 403, 413, 415, 422, 429, 500, 503, *self.also}
        return tuple(sorted(usual | ({404} if "{" in self.path else set())))

    def rule(self, base: str) -> str:
        """Its address as Flask takes it."""
        return base + self.path.replace("{", "<").replace("}", ">")

    def __call__(self, asked: Asked, **named: Any) -> Response:
        """The answer."""
        return self.act(asked, **named)
