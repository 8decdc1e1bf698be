"""The interface through which a call uses its user agent."""

from __future__ import annotations

from typing import Any, Protocol

from simulator.sip_timers import SipTimers
from simulator.useragent.media_path import MediaRelay
from simulator.useragent.messages import Command, Done
from simulator.useragent.pending_commands import OnDone


class CallUserAgent(Protocol):
    """What a call uses of its user agent."""

    pid: int
    """Process id of the worker."""
    timers: SipTimers
    relay: MediaRelay | None
    symmetric_rtp: bool
    """Whether media are sent to where a peer's packets come from (RFC 4961)."""

    def next_id(self) -> int: ...

    def check_alive(self) -> None: ...

    @property
    def host(self) -> str: ...

    def permitted_video(self, host: str, port: int, sip_call_id: str) -> str | None: ...

    async def request(
        self, kind: type[Command], *, on_done: OnDone = None, **fields: Any
    ) -> tuple[Done, list[int]]: ...
