"""A call of a phone, whose steps are rows of Locust's statistics."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from fake_daily_server.load.measured import Statistics
from fake_daily_server.load.room import Room
from fake_daily_server.load.server_api import LoadFailure, ServerApi


class Call:
    """An answered call. As a context manager it is hung up at the end of the block, also when a step has failed.

    Each method is one row of Locust's statistics. It raises LoadFailure when what it waits for does not happen; Locust
    counts that as a failure of the row, and goes on with the next task.
    """

    def __init__(
        self,
        server: ServerApi,
        statistics: Statistics,
        *,
        phone: str,
        sip_call_id: str,
        room: Room | None,
        session_id: str | None = None,
        began: float,
    ) -> None:
        self.sip_call_id = sip_call_id
        """Its Call-ID, by which `/_sim` and captures know it."""
        self.session_id = session_id
        """Its session id in the room; None until an event of an incoming call was expected."""
        self._server = server
        self._statistics = statistics
        self._phone = phone
        self._room = room
        self._acted_at = began
        self._seen: dict[str, int] = {}
        self._is_over = False

    def wait_answered(self, *, within: float) -> None:
        """Wait until the call is answered, and hang up if that fails. No row: `dial` and `take_call` have theirs."""
        try:
            self._do("wait-answered", within_ms=_ms(within))
        except BaseException:
            self._abandon()
            raise

    def press(self, digits: str, *, duration_ms: int = 100, gap_ms: int = 100) -> None:
        """Send DTMF digits; a row `digits`, whose size is their number. `,` is a pause of 1 s."""
        self._acted_at = time.perf_counter()
        with self._statistics.measured("digits", "press", size=len(digits.replace(",", ""))):
            self._do("press", tones=digits, duration_ms=duration_ms, gap_ms=gap_ms)

    def expect_digits(self, digits: str, *, within: float = 5) -> None:
        """Wait until the phone has received these digits; a row `digits`."""
        with self._statistics.measured("digits", "expect", size=len(digits)):
            self._do("wait-for-digits", digits=digits, within_ms=_ms(within))

    def expect_tone(self, hz: float, *, within: float = 5) -> None:
        """Wait until the phone hears a steady tone; a row `tone`."""
        with self._statistics.measured("tone", f"{hz:g} Hz"):
            self._do("expect-tone", hz=hz, within_ms=_ms(within))

    def expect_silence(self, seconds: float = 1, *, within: float | None = None) -> None:
        """Wait until the phone hears nothing for so long; a row `tone`. By default, it begins within 3 s."""
        limit = {} if within is None else {"within_ms": _ms(within)}
        with self._statistics.measured("tone", f"silence of {seconds:g} s"):
            self._do("expect-silence", seconds=seconds, **limit)

    def hum(self, hz: float, *, seconds: float | None = None) -> None:
        """Send a tone for so long, or until the call ends. No row: it does not wait."""
        self._do("hum", hz=hz, seconds=seconds)

    def say(self, what: str | float) -> None:
        """Send synthetic speech: a text, which sets its length, or a length in seconds. No row: it does not wait."""
        self._do("say", what=what)

    def expect_event(self, action: str, *, within: float = 5, **where: Any) -> dict[str, Any]:
        """Wait for the next event of this name, of this call; a row `event`. Return the event.

        Fields in `where` have the values given. The time counts from the beginning of the call's last step that can
        lead to events: the INVITE or the request to dial out, digits pressed, the BYE.
        """
        with self._statistics.measured("event", action, since=self._acted_at):
            room = self._known_room(action)
            if self.session_id is None and action != "dialin-connected":
                self._find_event(room, "dialin-connected", {}, within)
            found = self._find_event(room, action, where, within)
            self._seen[action] = found["seq"]
            event: dict[str, Any] = found["event"]
            return event

    def expect_end(self, *, within: float = 5) -> None:
        """Wait until the other side has ended the call; a row `call`."""
        with self._statistics.measured("call", "end"):
            self._do("wait-for-end", within_ms=_ms(within))
        self._is_over = True

    def hang_up(self) -> None:
        """Send BYE and wait for its answer; a row `call`. Does nothing when the call was hung up already."""
        if not self._is_over:
            self._is_over = True
            self._acted_at = time.perf_counter()
            with self._statistics.measured("call", "hang up"):
                self._do("hangup")
                self._do("wait-for-end")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.hang_up()
        else:
            self._abandon()

    def _abandon(self) -> None:
        if not self._is_over:
            self._is_over = True
            with suppress(LoadFailure):  # the call has ended by itself, which the first failure explains
                self._do("hangup")

    def _do(self, verb: str, **body: Any) -> None:
        self._server.sim(f"/phones/{self._phone}/{verb}", {"sip_call_id": self.sip_call_id, **body})

    def _find_event(self, room: Room, action: str, where: dict[str, Any], within: float) -> dict[str, Any]:
        of_this_call = {"sessionId": self.session_id} if self.session_id else {"sipCallId": self.sip_call_id}
        after = self._seen.get(action, 0)
        found = room.wait_for_event(action, {**of_this_call, **where}, after=after, within=within)
        self.session_id = found["event"]["sessionId"]
        return found

    def _known_room(self, action: str) -> Room:
        if self._room is None:
            raise LoadFailure(
                f"expect_event({action!r}): the call is with no room of this user; dial room.sip_uri, or use dial_out()"
            )
        return self._room


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
