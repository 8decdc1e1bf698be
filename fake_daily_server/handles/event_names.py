"""Checks the events that a test waits for, so that an unknown name or field fails at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulator.errors import ConfigurationError
from simulator.validation_errors import with_nearest

Fields = Mapping[str, Iterable[str]]
"""Names of the fields of each event, by its name; empty if they are not known."""


def check_events(names: Iterable[str], where: Iterable[str] = (), known: Fields | None = None) -> None:
    """Raise ConfigurationError for a name that is not in `known`, or a field that one of the events does not have.

    The error suggests the nearest known word. `known` are by default the events that clients receive. Of a path in
    `where`, such as `participant.user_name`, the first word is checked.
    """
    given = tuple(names)
    known = client_events() if known is None else known
    if not given:
        raise ConfigurationError("event", given, "at least one name of an event")
    for name in given:
        if name not in known:
            raise ConfigurationError("event", name, _allowed("a known name", name, known))
    paths = tuple(where)
    for name in given:
        for path in paths:
            field, fields = path.partition(".")[0], tuple(known[name])
            if fields and field not in fields:
                raise ConfigurationError(f"where.{path}", field, _allowed(f"a field of {name}", field, fields))


def client_events() -> Fields:
    """The events that clients can receive."""
    from fake_daily_server.signalling.events import EVENT_FIELDS  # noqa: PLC0415  # loads pydantic, 0.1 s

    return EVENT_FIELDS


def webhook_events() -> Fields:
    """The events that webhooks can receive. Those that the fake never sends have no known fields."""
    from fake_daily_server.webhooks.event_table import PAYLOADS  # noqa: PLC0415  # loads pydantic
    from fake_daily_server.webhooks.event_types import EVENT_TYPES  # noqa: PLC0415

    return {name: tuple(PAYLOADS[name].model_fields) if name in PAYLOADS else () for name in EVENT_TYPES}


def _allowed(what: str, word: str, known: Iterable[str]) -> str:
    words = tuple(known)
    suggested = with_nearest(what, word, words)
    return suggested if suggested != what else f"{what}, one of {', '.join(words)}"
