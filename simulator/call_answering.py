"""Takes a phone's incoming call: rings, answers or refuses, on request of the test or according to a `CallPlan`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping

from simulator.call_timeline import CallTimeline
from simulator.errors import CallEnded, CallError, CallRefused, SimulatorError
from simulator.phone_spec import CallPlan, PhoneSpec
from simulator.replacing import ReplacesRefusal, replaced_call
from simulator.useragent.handle import Call
from simulator.useragent.messages import Headers, Incoming
from simulator.video.preferences import VideoPreferences


class CallAnswering:
    """Takes one incoming call, with the offer's first codec that the phone has; the timeline has each step."""

    def __init__(self, call: Call, spec: PhoneSpec, timeline: CallTimeline) -> None:
        self._call = call
        self._spec = spec
        self._timeline = timeline
        self._following: asyncio.Task[None] | None = None
        self.over = False
        """Whether the phone has hung up or refused the call, of which the peer may not know yet."""

    def explanation(self, plan: CallPlan | None, phone: str) -> str | None:
        """Why the call is not answered, if its end or the plan of the phone is the reason; otherwise None."""
        if ended := self._call.ended:
            why = self._timeline.refusal_reason()
            end = f"the call of {phone!r} ended with {ended.status} {ended.reason}, by {ended.by}"
            return f"{end}: {why}" if why else end
        if self._call.waits.texts:
            return f"{phone!r}: {'; '.join(self._call.waits.texts)}"
        if self._call.state == "answered":
            return None
        awaited = self._timeline.awaited_by_peer()
        if awaited or plan is None:
            return awaited and f"the call of {phone!r} is not answered before {awaited}"
        if self._call.state == "incoming" and self._spec.dial_delay_ms:
            return f"the phone {phone!r} responds after {self._spec.dial_delay_ms / 1000:g} s (dial_delay_ms)"
        return (rings := plan.explanation) and f"the phone {phone!r} {rings}"

    async def ring(self, *, early_media: bool = False) -> None:
        """Send 180 Ringing, or 183 Session Progress with an SDP answer."""
        self._timeline.record("rings", early_media=early_media or None)
        if early_media:
            await self._call.ring(
                183,
                early_media=True,
                codecs=self._spec.codecs,
                telephone_event=self._spec.telephone_event,
                offered_order=True,
            )
        else:
            await self._call.ring()

    async def answer(self, headers: Headers = ()) -> None:
        """Send 200 OK."""
        self._timeline.record("answers")
        await self._call.answer(
            codecs=self._spec.codecs,
            telephone_event=self._spec.telephone_event,
            offered_order=True,
            headers=headers,
            video=VideoPreferences(self._spec.video, offered_order=True) if self._spec.video else None,
        )

    async def reject(
        self, status: int, reason: str | None, headers: Headers = (), *, because: str | None = None
    ) -> None:
        """Send a final response with a status of 300 to 699; `because` is for the timeline."""
        self._timeline.record("rejects", status=status, because=because)
        self.over = True
        await self._call.reject(status, reason, headers)

    async def hang_up(self) -> None:
        """End the call. Does nothing if it has ended."""
        if self._call.state != "ended":
            self._timeline.record("hangs up")
            self.over = True
            with contextlib.suppress(CallEnded):  # the peer's BYE, or another request to hang up, came first
                await self._call.hang_up()

    def follow(self, plan: CallPlan, phone: str, because: str | None = None) -> None:
        """Start to carry out the plan in the background; `stop_following` cancels it.

        `because` is the reason if it is a refusal.
        """
        self._start(self._follow(plan, because), phone)

    def replace(self, incoming: Incoming, others: Mapping[Call, CallAnswering], phone: str) -> bool:
        """Start to answer, and to hang up the one of `others` that the INVITE names in Replaces (RFC 3891 §3).

        False if the INVITE is refused instead; the other call goes on then.
        """
        up = [call for call in others if call.state != "ended"]
        ended = [call.dialog.ids for call in others if call.state == "ended" and call.dialog is not None]
        found = replaced_call(incoming, up, ended)
        if isinstance(found, ReplacesRefusal):
            self._start(self._refuse(found), phone)
            return False
        self._start(self._replace(others[found]), phone)
        return True

    def stop_following(self) -> None:
        """Cancel the plan, because the call has ended; a refusal that has just arrived is still recorded."""
        if self._following is not None:
            asyncio.get_running_loop().call_soon(self._following.cancel)

    async def _follow(self, plan: CallPlan, because: str | None) -> None:
        await asyncio.sleep(self._spec.dial_delay_ms / 1000)
        if plan.ring_ms or plan.early_media or plan.then in ("no_answer", "wait"):
            await self.ring(early_media=plan.early_media)
            await asyncio.sleep(plan.ring_ms / 1000)
        if plan.refusal:
            await self.reject(*plan.refusal, tuple(plan.headers.items()), because=because)
        elif plan.then in ("answer", "drop"):
            await self.answer(tuple(plan.headers.items()))
            if plan.then == "drop":
                await asyncio.sleep((plan.after_ms or 0) / 1000)
                await self.hang_up()

    async def _replace(self, replaced: CallAnswering) -> None:
        await self.answer()
        await replaced.hang_up()

    async def _refuse(self, refusal: ReplacesRefusal) -> None:
        self._timeline.record("rejects", status=refusal.status, because=refusal.explanation)
        await self._call.reject(refusal.status, refusal.reason)

    def _start(self, taking: Coroutine[None, None, None], phone: str) -> None:
        self._following = asyncio.create_task(self._recorded(taking), name=f"{phone} takes a call")

    async def _recorded(self, taking: Coroutine[None, None, None]) -> None:
        """Carry out what takes the call; a failure is recorded, unless the call has ended."""
        try:
            await taking
        except SimulatorError as failure:
            if isinstance(failure, CallRefused) or not isinstance(failure, CallError) or not self._call.ended:
                self._timeline.record("fails", error=str(failure))
