"""Events that are sent by hand: which there are, a sample of each, and a body of one with fields of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel, ValidationError

from fake_daily_server.telephony.events import TelephonyEvent
from fake_daily_server.telephony.sample_events import sample_events
from fake_daily_server.webhooks.event_table import PAYLOADS
from fake_daily_server.webhooks.event_types import EVENT_TYPES, EventType, event_type
from fake_daily_server.webhooks.sample_payloads import sample_payloads
from simulator.errors import ConfigurationError
from simulator.validation_errors import as_configuration_error, with_nearest

MOST_LEVELS = 8
"""How deep the path of a field may lead."""
_ANY = "sip:demo.0@127.0.0.1:5060"
CLIENT_EVENTS: Mapping[str, type[TelephonyEvent]] = {
    action: type(event) for action, event in sample_events(_ANY).items()
}
"""The models of the events that can be sent to the clients of a room, by `action`."""
EVENTS = (*PAYLOADS, *CLIENT_EVENTS)
"""All events that can be triggered: the types of webhooks, with a dot, and the events of clients, with a dash."""


@dataclass(frozen=True, slots=True)
class TriggeredWebhook:
    """A webhook event to send: its type, and the fields of its payload."""

    type: EventType
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TriggeredEvent:
    """An event to send to the clients of a room, without the `callClientId` that each receiver's has."""

    event: dict[str, Any]


def samples(room: str, domain_id: str, sip_endpoint: str, now: float) -> dict[str, dict[str, Any]]:
    """A valid body for each of `EVENTS`: the payload of a webhook event, or the event of a client."""
    payloads = sample_payloads(room, domain_id, sip_endpoint, now)
    events = {action: event.payload() for action, event in sample_events(sip_endpoint).items()}
    return {**{str(kind): dict(payloads[kind]) for kind in PAYLOADS}, **events}


def receiver_of(name: str) -> Literal["webhooks", "clients"]:
    """Who gets the event. Raises ConfigurationError for a name that is not in `EVENTS`."""
    if name in CLIENT_EVENTS:
        return "clients"
    if name in EVENT_TYPES and name not in PAYLOADS:
        allowed = f"an event whose fields are known here, one of {', '.join(EVENTS)}"
        raise ConfigurationError("event", name, f"{allowed}; nothing is known of {name} but its name")
    if name not in EVENTS:
        nearest = with_nearest("a documented event", name, EVENTS)
        raise ConfigurationError("event", name, f"{nearest}; there are {', '.join(EVENTS)}")
    return "webhooks"


def triggered(name: str, sample: Mapping[str, Any], fields: Mapping[str, Any]) -> TriggeredWebhook | TriggeredEvent:
    """The event to send: the sample with `fields` in it, which may be paths (`details.destination`); None removes one.

    Raises ConfigurationError for an unknown event or field, and for a value that the event does not allow.
    """
    is_webhook = receiver_of(name) == "webhooks"
    model: type[BaseModel] = PAYLOADS[event_type(name)] if is_webhook else CLIENT_EVENTS[name]
    body = deepcopy(dict(sample))
    for path, value in fields.items():
        _check_name(name, model, path)
        _set(body, path, value)
    try:
        valid = model.model_validate(body)
    except ValidationError as wrong:
        raise as_configuration_error(wrong) from None
    if isinstance(valid, TelephonyEvent):
        return TriggeredEvent(valid.payload())
    return TriggeredWebhook(event_type(name), valid.model_dump(mode="json", exclude_none=True))


def _set(body: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    inside = body
    for name in outer:
        if not isinstance(inside.get(name), dict):
            inside[name] = {}
        inside = inside[name]
    if value is None:
        inside.pop(last, None)
    else:
        inside[last] = value


def _check_name(event: str, model: type[BaseModel], path: str) -> None:
    """Raise ConfigurationError unless each name of the path is a field; those in free objects are not checked."""
    inside: type[BaseModel] | None = model
    names = path.split(".")
    if len(names) > MOST_LEVELS:
        raise ConfigurationError(f"fields.{path[:40]}…", len(names), f"a path of at most {MOST_LEVELS} names")
    for name in names:
        if inside is None:
            return
        known = {field.alias or own: field.annotation for own, field in inside.model_fields.items()}
        if name not in known:
            nearest = with_nearest(f"a field of {event}", name, known)
            raise ConfigurationError(f"fields.{path}", name, f"{nearest}; there are {', '.join(known)}")
        inside = _model_in(known[name])


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of a field that is an object with known fields; None for any other field."""
    kinds = (annotation, *get_args(annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
