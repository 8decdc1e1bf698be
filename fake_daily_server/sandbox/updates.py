"""What a page is told, as server-sent events: the panels of rooms and phones as HTML, and changes of the ladder."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from fake_daily_server.sandbox.faults_panel import faults_panel
from fake_daily_server.sandbox.forms import options
from fake_daily_server.sandbox.live_ladder import LiveLadder
from fake_daily_server.sandbox.new_phone_panel import new_phone_panel
from fake_daily_server.sandbox.phones_panel import phones_panel
from fake_daily_server.sandbox.rest_log_panel import rest_log_panel
from fake_daily_server.sandbox.rooms_panel import TARGETS, rooms_panel
from fake_daily_server.sandbox.triggers_panel import triggers_panel
from fake_daily_server.sandbox.webhooks_panel import webhooks_panel
from simulator.test_numbers import TABLE

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

_GATHER_S = 0.03
"""How long changes are gathered: what happens together is shown together."""
_MOST_OF_THE_LOOP = 0.2
"""The share of the loop's time that drawing may take; calls and rooms are served by the same loop."""
_LOOK_S = 0.5
"""How often the page is brought up to date without a new record."""


async def page_updates(daily: FakeDaily) -> AsyncIterator[str]:
    """Yield the events for one page until the server ends: at first all that there is, then what has changed."""
    page = _Page(daily)
    while not daily.ending:
        seen, began = daily.timeline.last_seq, time.monotonic()
        for name, data in page.changes():
            yield f"event: {name}\ndata: {json.dumps(data)}\n\n"
        drawing = time.monotonic() - began
        await daily.timeline.wait(lambda record: True, after=seen, within=_LOOK_S)
        await asyncio.sleep(max(_GATHER_S, drawing / _MOST_OF_THE_LOOP))


class _Page:
    def __init__(self, daily: FakeDaily) -> None:
        self._daily = daily
        self._ladder = LiveLadder()
        self._panels: dict[str, str] = {}
        self._new_phone = new_phone_panel(daily.network.personas)

    def changes(self) -> Iterator[tuple[str, Any]]:
        for name, html in self._drawn().items():
            if self._panels.get(name) != html:
                self._panels[name] = html
                yield "panel", {"id": name, "html": html}
        timeline = self._daily.timeline
        change = self._ladder.change(timeline.records(), self._daily.network.front_door.recent, timeline.seconds_at)
        if change is not None:
            yield "ladder", change.as_dict()

    def _drawn(self) -> dict[str, str]:
        daily = self._daily
        rooms, phones = [*daily.rooms.rooms.values()], daily.network.phones
        test_numbers = {number.number: number.name for number in TABLE if number.number is not None}
        numbers = {phone.number: phone.name for phone in phones if phone.number is not None} | test_numbers
        uris = {uri: f"room {room.name}" for room in rooms for uri in room.dialin.sip_uris}
        return {
            "rooms": rooms_panel(rooms),
            "phones": phones_panel(phones, next(iter(uris), ""), daily.talks),
            "new-phone": self._new_phone,
            "webhooks": webhooks_panel(daily.site.webhooks.webhooks, [*daily.site.webhooks.deliveries]),
            "triggers": triggers_panel(room.name for room in rooms),
            "rest-log": rest_log_panel(daily.site.api_log.newest_first()),
            "faults": faults_panel(daily.site.clock.ahead),
            "suggestions": options(TARGETS, uris | numbers) + options("numbers", numbers),
        }
