"""Both exits of a worker, of SIP and of RTP, and the notices about what they refuse."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

from simulator.destinations import Destinations
from simulator.useragent.messages import DestinationRefused
from simulator.useragent.worker.exits.media_gate import MediaGate
from simulator.useragent.worker.exits.message_gate import MessageGate, Refusal


class Gates:
    """The exits of SIP and of RTP; `refused` gets a notice for each message and stream that was refused.

    `operations` as `MediaGate` has it, `transport_used` and `transport_closed` get the address of each RTP transport
    that gets a stream or is closed. Keep this object as long as PJSIP runs.
    """

    def __init__(
        self,
        destinations: Destinations,
        refused: Callable[[DestinationRefused], None],
        operations: ctypes.c_void_p,
        *,
        transport_used: Callable[[int], None],
        transport_closed: Callable[[int], None],
    ) -> None:
        self._destinations = destinations
        self._refused = refused
        self.messages = MessageGate(destinations, self._message_refused)
        self.media = MediaGate(
            operations, destinations, self._stream_refused, used=transport_used, closed=transport_closed
        )

    def permit_call(self, host: str) -> bool:
        """Whether a host may be called; a refusal is reported."""
        because = self._destinations.refusal(host)
        if because is not None:
            self._message_refused(Refusal(host, 0, because, None))
        return because is None

    def _message_refused(self, refusal: Refusal) -> None:
        self._refused(
            DestinationRefused(
                at=time.monotonic(),
                exit="worker",
                host=refusal.host,
                port=refusal.port or None,
                because=refusal.because,
                sip_call_id=refusal.sip_call_id,
                sent_to=refusal.sent_to,
            )
        )

    def _stream_refused(self, host: str, port: int, because: str) -> None:
        notice = DestinationRefused(at=time.monotonic(), exit="worker media", host=host, port=port, because=because)
        self._refused(notice)
