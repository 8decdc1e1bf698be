"""The events that one client has received, or that a program could receive, in order, and expectations about them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fake_daily_server.timeline_text.lines import line
from scenarios.context.current_track import CURRENT_TRACK
from scenarios.context.scenario_timeline import ScenarioTimeline
from scenarios.language.comparison import differences
from simulator.compared_field import ComparedField
from simulator.differences import because, compared_fields, shown
from simulator.errors import ExpectationFailed
from simulator.timeline import Record
from simulator.waiting import Changes

EventPattern = tuple[str, Mapping[str, Any]]
"""The name of an expected event, and the expected values of its fields."""

_WRONG_EVENT = -1
_CAUSES = frozenset({"sip", "phone", "carrier", "worker"})
_IDENTIFYING_FIELDS = ("sessionId", "errorMsg", "tone", "method", "sipEndpoint", "destination")


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as a client received it, and the timeline record of its publication."""

    event: Mapping[str, Any]
    record: Record

    @property
    def action(self) -> str:
        """The name of the event."""
        return str(self.event.get("action"))


class ReceivedEvents:
    """The events received by one client. `expect` considers only events after those it has matched before.

    `on_match` is called with the timeline record of each matched event.
    """

    def __init__(
        self, client_name: str, timeline: ScenarioTimeline, on_match: Callable[[Record], None] = lambda _: None
    ) -> None:
        self.events: list[ReceivedEvent] = []
        self._positions = {"": 0}
        self._client_name = client_name
        self._timeline = timeline
        self._on_match = on_match
        self._changes = Changes()

    @property
    def position(self) -> int:
        """Index in `events` at which the next call of `expect` in this track starts."""
        return self._positions.get(CURRENT_TRACK.get(), self._positions[""])

    @position.setter
    def position(self, index: int) -> None:
        self._positions[CURRENT_TRACK.get()] = index

    def end_tracks(self, names: Iterable[str]) -> None:
        """Go on after the last event that one of the tracks has matched."""
        self.position = max(self.position, *(self._positions.pop(name, 0) for name in names))

    def receive(self, event: Mapping[str, Any]) -> None:
        """Add an event received by the client."""
        records = self._timeline.records()
        published = (record for record in reversed(records) if record.kind == "event" and _is_record_of(event, record))
        self.events.append(ReceivedEvent(event, next(published, records[-1])))
        self._changes.notify()

    def receive_record(self, record: Record) -> None:
        """Add an event that was published in a room, by its record: for a program, whose connection is its own."""
        self.events.append(ReceivedEvent(record.fields["event"], record))
        self._changes.notify()

    async def expect(
        self,
        patterns: Sequence[EventPattern],
        *,
        within: float,
        in_any_order: bool = False,
        consecutive: bool = False,
    ) -> list[Mapping[str, Any]]:
        """Wait for events that match `patterns`, in this order unless `in_any_order`, and return the events.

        Raises ExpectationFailed if they have not all arrived after `within` seconds. With `consecutive`, each must be
        the next event of its name: an event of that name that does not match fails immediately.
        """
        deadline = asyncio.get_running_loop().time() + within
        found: list[int] = []
        start = self.position
        for pattern in patterns:
            taken = frozenset(found)
            after = start if in_any_order else self.position

            def match(pattern: EventPattern = pattern, after: int = after, taken: frozenset[int] = taken) -> int | None:
                return self._next_match(pattern, after, taken, consecutive=consecutive)

            remaining = max(0.0, deadline - asyncio.get_running_loop().time())
            index = await self._changes.until(match, within=remaining)
            if index is None or index == _WRONG_EVENT:
                raise self._failure(pattern, patterns, found, after=after, within=within)
            found.append(index)
            self._on_match(self.events[index].record)
            self.position = max(self.position, index + 1)
        return [self.events[index].event for index in found]

    async def expect_none(self, patterns: Sequence[EventPattern], *, for_s: float, from_here_on: bool = False) -> None:
        """Raise ExpectationFailed if a matching event has been received before, or is within `for_s` seconds.

        With `from_here_on`, events before the last one that `expect` has matched are allowed.
        """
        start = self.position if from_here_on else 0

        def unexpected() -> ReceivedEvent | None:
            return next(
                (event for event in self.events[start:] for pattern in patterns if _matches(pattern, event)), None
            )

        received = await self._changes.until(unexpected, within=for_s)
        if received is not None:
            names = ", ".join(_pattern_text(pattern) for pattern in patterns)
            raise ExpectationFailed(
                f"{self._client_name} does not receive {names}",
                nearest=f"{_brief(received.event)}  {self._timeline.time_of(received.record)}",
                happened=self._timeline.latest_lines(),
            )

    def _next_match(self, pattern: EventPattern, after: int, taken: frozenset[int], *, consecutive: bool) -> int | None:
        for index, received in enumerate(self.events[after:], after):
            if index in taken:
                continue
            if _matches(pattern, received):
                return index
            if consecutive and received.action == pattern[0]:
                return _WRONG_EVENT
        return None

    # --- explanation of failures -----------------------------------------------------------------------------

    def _failure(
        self,
        missing: EventPattern,
        patterns: Sequence[EventPattern],
        found: Sequence[int],
        *,
        after: int,
        within: float,
    ) -> ExpectationFailed:
        expected = f"{_pattern_text(missing)}  within {within:g} s"
        if len(patterns) > 1:
            expected += f", as number {len(found) + 1} of {len(patterns)}: {' · '.join(name for name, _ in patterns)}"
        nearest = self._nearest(missing, after)
        return ExpectationFailed(
            expected,
            nearest=None if nearest is None else self._difference_text(missing, self.events[nearest]),
            because=self._reason(missing, nearest, after),
            happened=self._timeline.latest_lines(),
            compared=() if nearest is None else _compared(missing, self.events[nearest].event),
        )

    def _nearest(self, missing: EventPattern, after: int) -> int | None:
        """Index of the event of that name with the fewest differences, else of the latest with that prefix."""
        name, fields = missing

        def distance(index: int) -> tuple[int, int, int]:
            return (index < after, len(differences(fields, self.events[index].event)), -index)

        same_name = [index for index, received in enumerate(self.events) if received.action == name]
        if same_name:
            return min(same_name, key=distance)
        family = name.partition("-")[0]
        return next(
            (
                index
                for index in range(len(self.events) - 1, after - 1, -1)
                if self.events[index].action.partition("-")[0] == family
            ),
            None,
        )

    def _difference_text(self, missing: EventPattern, received: ReceivedEvent) -> str:
        when = self._timeline.time_of(received.record)
        if received.action != missing[0]:
            return f"{_brief(received.event)}  {when}"
        different = because(differences(missing[1], received.event))
        return f"{received.action}  {when}" + (f", with {different}" if different else "")

    def _reason(self, missing: EventPattern, nearest: int | None, after: int) -> str | None:
        if nearest is not None and nearest < after and _matches(missing, self.events[nearest]):
            later = self.events[after - 1]
            return f"it came before {later.action}, which an earlier step has matched; events are expected in order"
        cause = next((record for record in reversed(self._timeline.records()) if record.kind in _CAUSES), None)
        if cause is None:
            return None
        return f"the last telephony record is: {line(cause, self._timeline.started_at).strip()}"


def _matches(pattern: EventPattern, received: ReceivedEvent) -> bool:
    return received.action == pattern[0] and not differences(pattern[1], received.event)


def _compared(missing: EventPattern, event: Mapping[str, Any]) -> list[ComparedField]:
    wanted = {"action": missing[0], **missing[1]}
    return compared_fields(wanted, event, differences(wanted, event))


def _pattern_text(pattern: EventPattern) -> str:
    name, fields = pattern
    return f"{name}  {shown(fields)}" if fields else name


def _is_record_of(event: Mapping[str, Any], record: Record) -> bool:
    """Whether `record` is the publication of `event`, apart from fields that differ between clients."""
    published: Mapping[str, Any] = record.fields["event"]
    if event.get("action") != published.get("action"):
        return False
    if "participant" in event:
        return bool(event["participant"]["session_id"] == published["participant"]["session_id"])
    return all(event.get(name) == value for name, value in published.items())


def _brief(event: Mapping[str, Any]) -> str:
    fields = {name: event[name] for name in _IDENTIFYING_FIELDS if name in event}
    return f"{event.get('action')}  {shown(fields)}" if fields else str(event.get("action"))
