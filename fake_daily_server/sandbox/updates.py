"""What a page is told, as server-sent events: the panels of rooms and phones as HTML, and changes of the ladder."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from fake_daily_server.handles.fault_lists import faults_set
from fake_daily_server.handles.registrations import registrations_of
from fake_daily_server.sandbox.faults_panel import faults_panel
from fake_daily_server.sandbox.forms import options
from fake_daily_server.sandbox.ladder_filter import LadderFilter
from fake_daily_server.sandbox.live_ladder import LiveLadder
from fake_daily_server.sandbox.new_phone_panel import new_phone_panel
from fake_daily_server.sandbox.phones_panel import phones_panel
from fake_daily_server.sandbox.quality_panel import MOST_SHOWN, quality_panel, sums_up
from fake_daily_server.sandbox.registrations_panel import registrations_panel
from fake_daily_server.sandbox.rest_log_panel import rest_log_panel
from fake_daily_server.sandbox.rooms_panel import TARGETS, rooms_panel
from fake_daily_server.sandbox.triggers_panel import triggers_panel
from fake_daily_server.sandbox.webhooks_panel import webhooks_panel
from simulator.test_numbers import TABLE
from simulator.timeline import Record

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

_GATHER_S = 0.03
"""How long changes are gathered: what happens together is shown together."""
_MOST_OF_THE_LOOP = 0.2
"""The share of the loop's time that drawing may take; calls and rooms are served by the same loop."""
_READ_AT_ONCE = 200
"""How many records are read between two turns of the loop."""
_LOOK_S = 0.5
"""How often the page is brought up to date without a new record."""


async def page_updates(daily: FakeDaily, wanted: LadderFilter) -> AsyncIterator[str]:
    """Yield the events for one page until the server ends: at first all that there is, then what has changed."""
    page = _Page(daily, wanted)
    while not daily.ending:
        await page.read()
        seen, began = daily.timeline.last_seq, time.monotonic()
        for name, data in page.changes():
            yield f"event: {name}\ndata: {json.dumps(data)}\n\n"
        ended = time.monotonic()
        await daily.timeline.wait(lambda record: True, after=seen, within=_LOOK_S)
        rest = ended + (ended - began) / _MOST_OF_THE_LOOP - time.monotonic()
        await asyncio.sleep(max(_GATHER_S, rest))


class _Page:
    def __init__(self, daily: FakeDaily, wanted: LadderFilter) -> None:
        self._daily = daily
        self._ladder = LiveLadder(wanted)
        self._panels: dict[str, str] = {}
        self._new_phone = new_phone_panel(daily.network.personas)
        self._totals: deque[Record] = deque(maxlen=MOST_SHOWN)
        """What sums up the directions of the latest calls."""

    async def read(self) -> None:
        """Read the records that are new, some at a time, so that calls and rooms are served in between."""
        timeline = self._daily.timeline
        while some := [*islice(timeline.records(after=self._ladder.seen), _READ_AT_ONCE)]:
            self._ladder.read(some)
            self._totals.extend(filter(sums_up, some))
            await asyncio.sleep(0)
        self._ladder.forget_before(timeline.first_seq)
        while self._totals and self._totals[0].seq < timeline.first_seq:
            self._totals.popleft()

    def changes(self) -> Iterator[tuple[str, Any]]:
        for name, html in self._drawn().items():
            if self._panels.get(name) != html:
                self._panels[name] = html
                yield "panel", {"id": name, "html": html}
        timeline = self._daily.timeline
        change = self._ladder.change(self._daily.network.front_door.recent, timeline.seconds_at)
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
            "registrations": registrations_panel(registrations_of(daily.network)),
            "quality": quality_panel(self._totals, self._ladder.parties),
            "triggers": triggers_panel(room.name for room in rooms),
            "rest-log": rest_log_panel(daily.site.api_log.newest_first()),
            "faults": faults_panel(daily.site.clock.ahead, faults_set(daily.network, daily.site)),
            "suggestions": options(TARGETS, uris | numbers) + options("numbers", numbers),
        }
