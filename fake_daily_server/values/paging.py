"""Pages of lists, newest first: `limit`, `starting_after`, `ending_before` (https://docs.daily.co/reference/rest-api)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field

from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import RequestModel

Item = TypeVar("Item")

PAGE = 100
"""Most entries of one answer."""

OLDEST = "OLDEST"
"""As `ending_before`: the last page."""

Limit = Annotated[int, Field(ge=1, le=PAGE)]


class Paging(RequestModel):
    """The cursors are ids; `ending_before` may be OLDEST."""

    model_config = ConfigDict(alias_generator=None)

    limit: Limit = PAGE
    starting_after: str | None = None
    ending_before: str | None = None


def page(
    newest_first: Sequence[Item],
    ident: Callable[[Item], str],
    limit: int,
    *,
    starting_after: str | None = None,
    ending_before: str | None = None,
    names: tuple[str, str] = ("starting_after", "ending_before"),
) -> Sequence[Item]:
    """The wanted part of a list. Raises InvalidRequest for a cursor (`names` says how it is called) that is no id."""
    start, end = 0, len(newest_first)
    if starting_after is not None:
        start = _position(newest_first, ident, starting_after, names[0]) + 1
    if ending_before is not None:
        if ending_before != OLDEST:
            end = _position(newest_first, ident, ending_before, names[1])
        if starting_after is None:
            start = max(0, end - limit)
    return newest_first[start:end][:limit]


def _position(items: Sequence[Item], ident: Callable[[Item], str], wanted: str, cursor: str) -> int:
    for position, item in enumerate(items):
        if ident(item) == wanted:
            return position
    raise InvalidRequest(f"{cursor} was {wanted!r}, which is no entry's id")
