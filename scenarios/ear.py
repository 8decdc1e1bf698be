"""What one client is told, kept in order; expectations move a mark through it, so that order is proved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.happenings import Happenings
from scenarios.telling import line
from scenarios.values import differences, shown
from simulator.errors import ExpectationFailed
from simulator.timeline import Record
from simulator.waiting import Changes

Wanted = tuple[str, Mapping[str, Any]]
"""An event's name, and the fields it must have."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as a client got it, and the timeline's record of its publication."""

    event: Mapping[str, Any]
    record: Record

    @property
    def action(self) -> str:
        """Its name."""
        return str(self.event.get("action"))


class Ear:
    """One client's events. `on_match` is told of the record of each event that a step expected."""

    def __init__(self, who: str, happenings: Happenings, on_match: Callable[[Record], None] = lambda _: None) -> None:
        self.heard: list[Heard] = []
        self.mark = 0
        """Expectations look at `heard[mark:]`; each one moves the mark behind what it matched."""
        self._who = who
        self._happenings = happenings
        self._on_match = on_match
        self._changes = Changes()

    def take(self, event: Mapping[str, Any]) -> None:
        """The client was told of something."""
        records = self._happenings.records()
        same = (record for record in reversed(records) if record.kind == "event" and _same(event, record))
        self.heard.append(Heard(event, next(same, records[-1])))
        self._changes.notify()

    async def hear(
        self, wanted: Sequence[Wanted], *, within: float, in_any_order: bool = False, next_of_kind: bool = False
    ) -> list[Mapping[str, Any]]:
        """The events that were wanted, once all have come in that order (or in any) after the mark.

        With `next_of_kind` each must be the next event of its name: another one fails at once. Raises
        ExpectationFailed.
        """
        deadline = asyncio.get_running_loop().time() + within
        found: list[int] = []
        start = self.mark
        for each in wanted:
            taken = frozenset(found)
            after = start if in_any_order else self.mark

            def match(each: Wanted = each, after: int = after, taken: frozenset[int] = taken) -> int | None:
                return self._next(each, after, taken, next_of_kind=next_of_kind)

            left = max(0.0, deadline - asyncio.get_running_loop().time())
            index = await self._changes.until(match, within=left)
            if index is None or index == _WRONG:
                raise self._failure(each, wanted, found, after=after, within=within)
            found.append(index)
            self._on_match(self.heard[index].record)
            self.mark = max(self.mark, index + 1)
        return [self.heard[index].event for index in found]

    async def silent(self, unwanted: Sequence[Wanted], *, for_s: float) -> None:
        """None of these events has come since the scenario began, nor does for so long."""

        def came() -> Heard | None:
            return next((heard for heard in self.heard for each in unwanted if _is(each, heard)), None)

        heard = await self._changes.until(came, within=for_s)
        if heard is not None:
            names = ", ".join(_say(each) for each in unwanted)
            raise ExpectationFailed(
                f"{self._who} is not told of {names}",
                nearest=f"{_brief(heard.event)}  {self._happenings.when(heard.record)}",
                happened=self._happenings.told(),
            )

    def _next(self, wanted: Wanted, after: int, taken: frozenset[int], *, next_of_kind: bool) -> int | None:
        for index, heard in enumerate(self.heard[after:], after):
            if index in taken:
                continue
            if _is(wanted, heard):
                return index
            if next_of_kind and heard.action == wanted[0]:
                return _WRONG
        return None

    # --- why not ---------------------------------------------------------------------------------------------

    def _failure(
        self, missing: Wanted, wanted: Sequence[Wanted], found: Sequence[int], *, after: int, within: float
    ) -> ExpectationFailed:
        expected = f"{_say(missing)}  within {within:g} s"
        if len(wanted) > 1:
            expected += f", as number {len(found) + 1} of {len(wanted)}: {' · '.join(name for name, _ in wanted)}"
        nearest = self._nearest(missing, after)
        because = self._because(missing, nearest, after)
        said = None if nearest is None else self._describe(missing, self.heard[nearest])
        return ExpectationFailed(expected, nearest=said, because=because, happened=self._happenings.told())

    def _nearest(self, missing: Wanted, after: int) -> int | None:
        """The event that is most like the missing one: of its name with the fewest differences, else of its family."""
        name, fields = missing

        def distance(index: int) -> tuple[int, int, int]:
            heard = self.heard[index]
            return (index < after, len(differences(fields, heard.event)), -index)

        same = [index for index, heard in enumerate(self.heard) if heard.action == name]
        if same:
            return min(same, key=distance)
        family = name.partition("-")[0]
        alike = [
            index for index, heard in enumerate(self.heard[after:], after) if heard.action.partition("-")[0] == family
        ]
        return alike[-1] if alike else None

    def _describe(self, missing: Wanted, heard: Heard) -> str:
        when = self._happenings.when(heard.record)
        if heard.action != missing[0]:
            return f"{_brief(heard.event)}  {when}"
        wrong = "; ".join(map(str, differences(missing[1], heard.event)))
        return f"{heard.action}  {when}" + (f", with {wrong}" if wrong else "")

    def _because(self, missing: Wanted, nearest: int | None, after: int) -> str | None:
        if nearest is not None and nearest < after and _is(missing, self.heard[nearest]):
            later = self.heard[after - 1]
            return f"it came before {later.action}, which an earlier step expected; order counts"
        cause = next((record for record in reversed(self._happenings.records()) if record.kind in _CAUSES), None)
        return (
            None if cause is None else f"the last thing on the line was: {line(cause, self._happenings.began).strip()}"
        )


_WRONG = -1
_CAUSES = frozenset({"sip", "phone", "carrier", "worker"})


def _is(wanted: Wanted, heard: Heard) -> bool:
    return heard.action == wanted[0] and not differences(wanted[1], heard.event)


def _say(wanted: Wanted) -> str:
    name, fields = wanted
    return f"{name}  {shown(fields)}" if fields else name


def _same(event: Mapping[str, Any], record: Record) -> bool:
    """Whether the record is of this event: all but what differs from client to client."""
    published: Mapping[str, Any] = record.fields["event"]
    if event.get("action") != published.get("action"):
        return False
    if "participant" in event:
        return bool(event["participant"]["session_id"] == published["participant"]["session_id"])
    return all(event.get(name) == value for name, value in published.items())


_TELLING = ("sessionId", "errorMsg", "tone", "method", "sipEndpoint", "destination")


def _brief(event: Mapping[str, Any]) -> str:
    fields = {name: event[name] for name in _TELLING if name in event}
    return f"{event.get('action')}  {shown(fields)}" if fields else str(event.get("action"))
