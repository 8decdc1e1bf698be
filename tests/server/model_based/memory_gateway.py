"""SIP calls and a gateway in memory: they remember what is asked of them, and report what a test makes them report."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fake_daily_server.media.leg import LegCounts
from simulator.destinations import Destinations
from simulator.errors import CallEnded, CallRefused
from simulator.useragent import messages

Notices = Callable[[messages.AnyCallNotice], None]


class MemoryCall:
    """Takes the place of `simulator.useragent.handle.Call`. It remembers verbs and reports nothing by itself."""

    def __init__(self, key: str, *, incoming: bool) -> None:
        self.key = key
        self.sip_call_id = f"{key}@memory"
        self.incoming = incoming
        self.state = "incoming" if incoming else "dialling"
        self.media: messages.Media | None = None
        self.ended: messages.Ended | None = None
        self.on_notice: Notices | None = None
        self.answered = False
        self.hanging_up = False
        self.referring = False
        self.no_common_codec = False
        self.video = None

    def __repr__(self) -> str:
        return f"<{self.key} {self.state}>"

    # --- notices ---------------------------------------------------------------------------------------------

    def report(self, notice: messages.AnyCallNotice) -> None:
        """Report a notice, as the worker of a real call does."""
        match notice:
            case messages.Media():
                self.media = notice
            case messages.Answered():
                self.state = "answered"
            case messages.Ended():
                self.state, self.ended = "ended", notice
        if self.on_notice is not None:
            self.on_notice(notice)

    # --- verbs -----------------------------------------------------------------------------------------------

    async def answer(self, *, codecs: Sequence[str], **_: Any) -> None:
        self._check()
        if self.no_common_codec:
            self.hanging_up = True
            raise CallRefused("answering", 488, "Not Acceptable Here")
        self.answered = True

    async def reject(self, status: int, reason: str) -> None:
        self._check()
        self.hanging_up = True

    async def hang_up(self) -> None:
        self._check()
        self.hanging_up = True

    async def transfer(self, to: str) -> None:
        self._check()
        self.referring = True

    async def send_digits(self, digits: str, *, method: str, duration_ms: int) -> None:
        self._check()

    async def wait_media(self) -> messages.Media | None:
        return self.media

    def _check(self) -> None:
        if self.ended is not None:
            raise CallEnded(self.key, self.ended.status, self.ended.reason)


class MemoryGateway:
    """Takes the place of `simulator.gateway.Gateway`."""

    address = "127.0.0.1:5060"
    codecs = frozenset({"PCMU", "PCMA", "G722"})
    destinations = Destinations()

    def __init__(self) -> None:
        self.full = False
        self.broken = False
        self.calls: list[MemoryCall] = []
        self._numbers = itertools.count(1)

    def check_reachable(self, target: str) -> None:
        """Accept every target."""

    async def hear_pending_ends(self) -> None:
        """Nothing is pending: an end is reported when it happens."""

    async def dial(
        self, target: str, *, on_notice: Callable[[MemoryCall, messages.AnyCallNotice], None], **_: Any
    ) -> MemoryCall:
        if self.broken:
            raise CallRefused("all gateway workers are in use", 503, "Service Unavailable")
        call = self._new(incoming=False)
        call.on_notice = lambda notice: on_notice(call, notice)
        call.report(
            messages.Dialling(at=0, call=call.key, sip_call_id=call.sip_call_id, local_uri="sip:a@h", remote_uri=target)
        )
        return call

    def ring(self, endpoint: str) -> tuple[MemoryCall, messages.Incoming]:
        """A new incoming call, and the notice of its INVITE."""
        call = self._new(incoming=True)
        incoming = messages.Incoming(
            at=0,
            call=call.key,
            sip_call_id=call.sip_call_id,
            request_uri=endpoint,
            from_uri="sip:+12065550199@127.0.0.1",
            from_name="",
            to_uri=endpoint,
            headers=(("X-Test", "1"),),
            sdp=None,
            codecs=("PCMU",),
            telephone_event=True,
            source="127.0.0.1:5062",
        )
        return call, incoming

    @property
    def open_calls(self) -> list[MemoryCall]:
        """The calls that have not ended."""
        return [call for call in self.calls if call.ended is None]

    def _new(self, *, incoming: bool) -> MemoryCall:
        call = MemoryCall(f"call{next(self._numbers)}", incoming=incoming)
        self.calls.append(call)
        return call


class NoMedia:
    """Takes the place of the media of a room, and of the bridge of a transfer."""

    legs: Mapping[str, Any] = {}

    def attach_call(self, session_id: str, call: object, **_: Any) -> None: ...
    def detach(self, session_id: str) -> None: ...
    def hold(self, session_id: str, *, held: bool) -> None: ...
    def permissions_changed(self) -> None: ...
    def close(self) -> None: ...
    def statistics(self) -> dict[str, LegCounts]:
        return {}

    async def open(self) -> None: ...
    async def connect(self, name: str, call: object) -> None: ...
