"""Pagination of lists that are sorted newest first: `limit`, `starting_after`, `ending_before`.

https://docs.daily.co/reference/rest-api
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field

from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import RequestModel

Item = TypeVar("Item")

MAX_PAGE = 100
"""Maximum number of entries in a page, and the default of `limit`."""

OLDEST = "OLDEST"
"""The value of `ending_before` that asks for the last page."""

Limit = Annotated[int, Field(ge=1, le=MAX_PAGE)]


class Paging(RequestModel):
    """The query parameters that select a page. Both cursors are ids of entries; `ending_before` may also be OLDEST."""

    model_config = ConfigDict(alias_generator=None)

    limit: Limit = MAX_PAGE
    starting_after: str | None = None
    ending_before: str | None = None

    def page_of(self, newest_first: Sequence[Item], ident: Callable[[Item], str]) -> Sequence[Item]:
        """Return the page of a list that these parameters select; `ident` returns the id of an entry.

        Raises InvalidRequest if a cursor is not the id of an entry.
        """
        return page(
            newest_first,
            ident,
            self.limit,
            starting_after=self.starting_after,
            ending_before=self.ending_before,
        )


def page(
    newest_first: Sequence[Item],
    ident: Callable[[Item], str],
    limit: int,
    *,
    starting_after: str | None = None,
    ending_before: str | None = None,
    names: tuple[str, str] = ("starting_after", "ending_before"),
) -> Sequence[Item]:
    """Return the requested page of a list.

    `ident` returns the id of an entry; `names` are the names of the two cursors in the request, for error texts. Raises
    InvalidRequest if a cursor is not the id of an entry.
    """
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
    raise InvalidRequest(f"{cursor} was {wanted!r}, which is not the id of an entry; use an id from the list")
