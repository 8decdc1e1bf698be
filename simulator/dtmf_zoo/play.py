"""Sends the packets of a bad sender into a live call, in the place of a phone, through the relay."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from simulator.dtmf_zoo.senders import BadSender
from simulator.errors import CallEnded, ConfigurationError
from simulator.phone_call import PhoneCall
from simulator.relay import Takeover, Tap
from simulator.useragent.codecs import TELEPHONE_EVENT

Stream = Literal["same", "own"]
_OWN_SSRC = 0x5EED_0D16
_FIRST_PACKET_WITHIN = 2.0


async def play(call: PhoneCall, sender: BadSender, *, stream: Stream = "same") -> None:
    """Press keys as `sender` does, on behalf of the phone whose call this is; returns when the last packet is out.

    `same` takes the place of the phone's voice, as senders should: its SSRC, sequence numbers that go on afterwards
    as if nothing had happened, timestamps from the voice's clock. `own` is a stream beside the voice. Raises
    ConfigurationError without a relay, or when the call has no telephone-event, and CallEnded.
    """
    if stream not in ("same", "own"):
        raise ConfigurationError("stream", stream, "same or own")
    path, tap = call.tap, call.packets_said
    if path is None or tap is None:
        raise ConfigurationError("rtp_relay", False, "True, for the packets go in at the relay")
    declared = [each for each in tap.formats if each.name == TELEPHONE_EVENT]
    if not declared:
        raise ConfigurationError("call", repr(call), "a call with telephone-event")
    await call.owner_loop.run(_play(call, sender, path.takeover(tap.sender), tap, own=stream == "own"))


async def _play(call: PhoneCall, sender: BadSender, line: Takeover, tap: Tap, *, own: bool) -> None:
    await _until_begun(call, line)
    clock = next(each.clock_rate for each in tap.formats if each.name == TELEPHONE_EVENT)
    declared = next(each.payload_type for each in tap.formats if each.name == TELEPHONE_EVENT)
    known = {each.payload_type for each in tap.formats}
    undeclared = next(number for number in range(127, 95, -1) if number not in known)
    begin = time.monotonic()
    base = line.timestamp(begin, clock)
    line.muted = not own
    try:
        for packet in sender.train:
            await asyncio.sleep(max(0.0, begin + packet.at_ms / 1000 - time.monotonic()))
            if call.ended is not None:
                raise CallEnded("play", call.ended.status, call.ended.reason)
            line.speak(
                undeclared if packet.undeclared else declared,
                base + packet.timestamp,
                packet.payload,
                marker=packet.marker,
                ssrc=_OWN_SSRC if own else None,
            )
    finally:
        line.muted = False


async def _until_begun(call: PhoneCall, line: Takeover) -> None:
    deadline = time.monotonic() + _FIRST_PACKET_WITHIN
    while not line.begun:
        if call.ended is not None:
            raise CallEnded("play", call.ended.status, call.ended.reason)
        if time.monotonic() > deadline:
            raise ConfigurationError("call", repr(call), f"a phone that sends RTP within {_FIRST_PACKET_WITHIN:g} s")
        await asyncio.sleep(0.005)
