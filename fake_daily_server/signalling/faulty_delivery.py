"""Delivers the events of one client with the faults that are set; the timeline says which event a fault took."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fake_daily_server.domain.roster import Event
from fake_daily_server.signalling.event_faults import EventFaults
from simulator.timeline import Timeline

Send = Callable[[Event, int], None]
"""Sends an event with its number."""


class FaultyDelivery:
    """One client's way to its events. `send` sends one now."""

    def __init__(self, faults: EventFaults, timeline: Timeline, send: Send) -> None:
        self._faults = faults
        self._timeline = timeline
        self._send = send
        self._held: list[Event] = []
        """Events that are sent after the next one."""

    def deliver(self, event: Event, number: int, *, client: str, session_id: str, room: str) -> None:
        """Send an event as the faults say. The number of a late or repeated one is 0: it was counted before."""
        taken = self._faults.take(event, client, session_id) if self._faults else None
        if taken is None:
            self._send(event, number)
            self._release()
            return
        fault, nth = taken
        name = event.get("action")
        self._timeline.append("client", client=client, room=room, did=fault.fault, name=name, number=nth)
        match fault.fault:
            case "event-delay":
                asyncio.get_running_loop().call_later((fault.delay_ms or 0) / 1000, self._send, event, 0)
            case "event-out-of-order":
                self._held.append(event)
            case "event-duplicate":
                self._send(event, number)
                self._send(event, 0)
                self._release()
            case "event-without-field" | "event-other-value":
                self._send(fault.changed(event), number)
                self._release()
            case "event-drop":
                pass

    def _release(self) -> None:
        held, self._held = self._held, []
        for event in held:
            self._send(event, 0)
