"""Events by hand over HTTP: a webhook, or an event for the clients of a room, without anything that has happened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field

from fake_daily_server.control.routes import Body
from fake_daily_server.handles.triggers import EVENTS, TriggeredWebhook, receiver_of, samples, triggered
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import check_json

if TYPE_CHECKING:
    from fake_daily_server.domain.room import Room
    from fake_daily_server.server import FakeDaily

Receiver = Literal["webhooks", "clients"]


MOST_BYTES = 64 * 1024
"""The size of the fields of an event, as JSON: they are kept with each of its requests."""


def _json(fields: dict[str, Any]) -> dict[str, Any]:
    check_json(fields)
    if (size := len(json.dumps(fields))) > MOST_BYTES:
        raise ValueError(f"{size} bytes of JSON are too many; allowed: {MOST_BYTES}")
    return fields


class TriggerBody(Body):
    """An event to send: a webhook such as `dialout.answered`, or an event for clients such as `dialout-answered`.

    `fields` are those that differ from the sample, which `GET /_sim/trigger` shows. A name may be a path
    (`details.destination`); null leaves the field out. Without `room` it is the only room.
    """

    event: str = Field(examples=["dialout.answered"])
    room: str | None = None
    fields: Annotated[dict[str, Any], AfterValidator(_json)] = Field(
        default_factory=dict, examples=[{"destination": "+12065550142"}]
    )


class SampleView(BaseModel):
    """An event that can be triggered, and the fields that it has unless others are given."""

    event: str
    to: Receiver
    fields: dict[str, Any]


class SamplesView(BaseModel):
    """All events that can be triggered, or the one that was asked for."""

    events: list[SampleView]


class TriggeredView(BaseModel):
    """What was sent. `to` are the URLs of webhooks, or the session ids of clients; only webhook events have an `id`."""

    event: str
    id: str | None = None
    fields: dict[str, Any]
    to: list[str]


def add_trigger(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes at `/trigger`."""

    @router.get("/trigger", summary="List the events that can be triggered, each with a sample of its fields")
    async def list_events(
        event: Annotated[str | None, Query(description="Only this one")] = None,
        room: Annotated[str | None, Query(description="The room of the samples")] = None,
    ) -> SamplesView:
        names = EVENTS if event is None else (event,)
        receivers = {name: receiver_of(name) for name in names}
        found = _samples(daily, _room(daily, room))
        return SamplesView(events=[SampleView(event=name, to=to, fields=found[name]) for name, to in receivers.items()])

    @router.post("/trigger", summary="Send a webhook, or an event to the clients of a room, that did not happen")
    async def trigger(body: TriggerBody) -> TriggeredView:
        receiver = receiver_of(body.event)
        room = _room(daily, body.room)
        made = triggered(body.event, _samples(daily, room)[body.event], body.fields)
        if isinstance(made, TriggeredWebhook):
            return _send_to_webhooks(daily, made)
        if room is None:
            known = ", ".join(daily.rooms.rooms) or "none yet; POST /v1/rooms creates one"
            raise InvalidRequest(f"room is required for an event of {receiver}; there are {known}")
        return _send_to_clients(room, made.event)


def _room(daily: FakeDaily, name: str | None) -> Room | None:
    if name is not None:
        return daily.rooms.get_for_session(name)
    rooms = [*daily.rooms.rooms.values()]
    return rooms[0] if len(rooms) == 1 else None


def _samples(daily: FakeDaily, room: Room | None) -> dict[str, dict[str, Any]]:
    name = "demo" if room is None else room.name
    uris = () if room is None else room.dialin.sip_uris
    endpoint = next(iter(uris), f"sip:{name}.0@{daily.site.sip_address}")
    return samples(name, daily.settings.domain_id, endpoint, daily.site.clock())


def _send_to_webhooks(daily: FakeDaily, made: TriggeredWebhook) -> TriggeredView:
    subscribed = [each for each in daily.site.webhooks.webhooks if made.type in each.subscription.event_types]
    if not subscribed:
        raise InvalidRequest(f"no webhook is subscribed to {made.type}; POST /v1/webhooks subscribes one")
    active = [webhook.subscription.url for webhook in subscribed if not webhook.failed]
    if not active:
        failed = subscribed[0].uuid
        raise InvalidRequest(f"webhook {failed} is FAILED; POST /v1/webhooks/{failed} activates it")
    event = daily.site.webhooks.publish(made.type, made.payload, triggered=True)
    return TriggeredView(event=made.type, id=event.id if event else None, fields=made.payload, to=active)


def _send_to_clients(room: Room, event: dict[str, Any]) -> TriggeredView:
    receivers = [who.session_id for who in room.participants.values() if not who.is_telephony]
    if not receivers:
        way_out = f"POST /_sim/rooms/{room.name}/participants lets one join"
        raise InvalidRequest(f"no client is in room {room.name}; {way_out}")
    room.publish(event, triggered=True)
    return TriggeredView(event=event["action"], fields=event, to=receivers)
