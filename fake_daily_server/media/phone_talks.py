"""Who talks through which call of a phone. This module loads neither numpy nor aiortc."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fake_daily_server.media.lazy_imports import load_webrtc
from simulator.errors import CallError, ConfigurationError

if TYPE_CHECKING:
    from fake_daily_server.media.phone_talk import PhoneTalk
    from simulator.phone_call import PhoneCall
    from simulator.timeline import Timeline

USABLE = "an offer (SDP) with all its ICE candidates and one media section: audio, with Opus"


class PhoneTalks:
    """All talks of a server, at most one for each call. Used on the server's loop."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._talks: dict[PhoneCall, PhoneTalk] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def of(self, call: PhoneCall) -> PhoneTalk | None:
        """Who talks through a call, if anybody does."""
        return self._talks.get(call)

    async def begin(self, call: PhoneCall, sdp: str) -> str:
        """Let a browser that has sent this offer talk through a call; return the answer.

        Raises CallError if the call is not answered or is talked through already, ConfigurationError for the offer.
        """
        await load_webrtc()
        from fake_daily_server.media.phone_talk import PhoneTalk  # noqa: PLC0415  # loads aiortc

        self._check_free(call)
        talk = self._talks[call] = PhoneTalk(lambda reason: self._end(call, reason))
        try:
            line = await call.audio_line()
            answer = await talk.answer(sdp)
        except ValueError as wrong:
            await self._give_up(call, talk)
            raise ConfigurationError("sdp", _begin_of(sdp), f"{USABLE} ({wrong})") from None
        except BaseException:
            await self._give_up(call, talk)
            raise
        if self._talks.get(call) is not talk or line.close_reason is not None:
            await self._give_up(call, talk)
            raise CallError(f"{call.phone}: the call has ended, or the talk was stopped, before it began")
        talk.attach(line)
        self._record(call, "connects a microphone")
        return answer

    def stop(self, call: PhoneCall) -> None:
        """End the talk through a call. Raises CallError if nobody talks through it."""
        self._talk(call)
        self._end(call, "stop-talking")

    def mute(self, call: PhoneCall, *, muted: bool) -> None:
        """Switch the microphone off or on. Raises CallError if nobody talks through the call."""
        self._talk(call).muted = muted
        self._record(call, "mutes the microphone" if muted else "unmutes the microphone")

    async def close(self) -> None:
        """End all talks; returns once their connections are closed."""
        for call in tuple(self._talks):
            self._end(call, "the server is reset or ends")
        if self._closing:
            await asyncio.wait(self._closing)

    def _talk(self, call: PhoneCall) -> PhoneTalk:
        if call not in self._talks:
            raise CallError(f"{call.phone}: nobody talks through this call; `talk` begins it")
        return self._talks[call]

    def _check_free(self, call: PhoneCall) -> None:
        if call.state != "answered":
            raise CallError(f"{call.phone}: the call is {call.state}; one can talk through an answered call only")
        if call in self._talks:
            raise CallError(f"{call.phone}: somebody talks through this call already; `stop-talking` ends that")

    def _end(self, call: PhoneCall, reason: str) -> None:
        if (talk := self._talks.pop(call, None)) is None:
            return
        self._record(call, "disconnects the microphone", because=reason)
        task = asyncio.get_running_loop().create_task(talk.close(), name=f"closing the talk through {call.phone}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _give_up(self, call: PhoneCall, talk: PhoneTalk) -> None:
        if self._talks.get(call) is talk:
            del self._talks[call]
        await talk.close()

    def _record(self, call: PhoneCall, action: str, **fields: Any) -> None:
        self._timeline.append("phone", phone=call.phone, action=action, sip_call_id=call.sip_call_id, **fields)


def _begin_of(sdp: str) -> str:
    return sdp if len(sdp) <= 40 else f"{sdp[:40]}…"
