"""Sends the packets of a bad sender on a live call: the relay injects them as if the phone had sent them."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from simulator.dtmf_senders.bad_senders import BadSender
from simulator.errors import CallEnded, ConfigurationError
from simulator.phone_call import PhoneCall
from simulator.relay import StreamInjector, Tap
from simulator.sdp.formats import TELEPHONE_EVENT

Stream = Literal["same", "own"]
_OWN_SSRC = 0x5EED_0D16
_FIRST_PACKET_TIMEOUT = 2.0


async def press_like(call: PhoneCall, sender: BadSender, *, stream: Stream = "same") -> None:
    """Send the digits of `sender` on `call`, as if the phone had sent them; return after the last packet.

    With `stream="same"` the packets replace the phone's audio packets, as in most senders: they continue the SSRC, the
    timestamps and the sequence numbers of the audio. With `"own"` they are a parallel stream with an SSRC of its own.

    Raises ConfigurationError for another `stream`, without a relay, for a call without telephone-event, and if the
    phone sends no RTP within 2 s; CallEnded if the call ends meanwhile.
    """
    if stream not in ("same", "own"):
        raise ConfigurationError("stream", stream, "same or own")
    path, tap = call.tap, call.packets_said
    if path is None or tap is None:
        raise ConfigurationError("rtp_relay", False, "True, because the relay injects the packets")
    if not any(each.name == TELEPHONE_EVENT for each in tap.formats):
        raise ConfigurationError("call", repr(call), "a call with telephone-event")
    injector = path.injector(tap.sender)
    await call.owner_loop.run(_send_train(call, sender, injector, tap, own_stream=stream == "own"))


async def _send_train(
    call: PhoneCall, sender: BadSender, injector: StreamInjector, tap: Tap, *, own_stream: bool
) -> None:
    await _first_packet(call, injector)
    declared = next(each for each in tap.formats if each.name == TELEPHONE_EVENT)
    undeclared = _undeclared_payload_type(tap)
    sequence_numbers: list[int] = []
    begin = time.monotonic()
    base = injector.timestamp_at(begin, declared.clock_rate)
    injector.muted = not own_stream
    try:
        for packet in sender.train:
            await asyncio.sleep(max(0.0, begin + packet.at_ms / 1000 - time.monotonic()))
            _check_not_ended(call)
            number = injector.send(
                undeclared if packet.undeclared else declared.payload_type,
                base + packet.timestamp,
                packet.payload,
                marker=packet.marker,
                ssrc=_OWN_SSRC + packet.stream if own_stream or packet.stream else None,
                sequence=None if packet.repeats is None else sequence_numbers[packet.repeats],
            )
            sequence_numbers.append(number)
    finally:
        injector.muted = False


async def _first_packet(call: PhoneCall, injector: StreamInjector) -> None:
    """Wait until the phone has sent a packet: before that there is no stream to take over."""
    deadline = time.monotonic() + _FIRST_PACKET_TIMEOUT
    while not injector.stream_started:
        _check_not_ended(call)
        if time.monotonic() > deadline:
            allowed = f"a call whose phone sends RTP within {_FIRST_PACKET_TIMEOUT:g} s; wait until it is answered"
            raise ConfigurationError("call", repr(call), allowed)
        await asyncio.sleep(0.005)


def _check_not_ended(call: PhoneCall) -> None:
    if call.ended is not None:
        raise CallEnded("press_like", call.ended.status, call.ended.reason)


def _undeclared_payload_type(tap: Tap) -> int:
    """A dynamic payload type (96-127) that the session description does not use."""
    used = {each.payload_type for each in tap.formats}
    return next(number for number in range(127, 95, -1) if number not in used)
