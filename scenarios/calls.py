"""The calls of a scenario's phones: finding the one that a step is about, and waiting for what it hears and becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.happenings import Happenings
from scenarios.values import differences, shown
from simulator.errors import ExpectationFailed
from simulator.phone import Phone
from simulator.phone_call import PhoneCall

CALL_WITHIN = 5.0
"""Seconds that a step waits for the call that it is about."""
PACKETS_WITHIN = 0.5
"""Seconds that a codec may take to be seen in packets, where they pass a relay."""
QUIET_WITHIN = 2.0
"""Seconds that calls have to be over once a scenario's steps are done."""


class PhoneCalls:
    """The calls of the phones that a scenario has, by the phones' names."""

    def __init__(self, phones: Mapping[str, Phone], happenings: Happenings) -> None:
        self._phones = phones
        self._happenings = happenings
        self._digits_taken: dict[PhoneCall, int] = {}

    async def of(self, phone_name: str, number: int | None = None, *, live: bool = True) -> PhoneCall:
        """The phone's newest call, or its call `number` from 1; waits for it, if `live` for one that is not over."""
        phone = self._phones[phone_name]

        def found() -> PhoneCall | None:
            if number is not None:
                return phone.calls[number - 1] if len(phone.calls) >= number else None
            call = phone.calls[-1] if phone.calls else None
            return None if call is None or (live and call.ended is not None) else call

        call = await self._happenings.until(found, within=CALL_WITHIN)
        if call is None:
            which = "a call" if number is None else f"call {number}"
            calls = ", ".join(f"{each.state} {'from' if each.incoming else 'to'} {each.remote}" for each in phone.calls)
            raise self._failure(
                f"{phone_name} has {which}  within {CALL_WITHIN:g} s", nearest=calls or "it has had none"
            )
        return call

    async def hears(
        self,
        call: PhoneCall,
        digits: str,
        wanted: Mapping[str, Any],
        *,
        after_answer_ms: Any,
        within: float,
    ) -> None:
        """The next digits that the phone hears are these, each as `wanted` says."""
        start = self._digits_taken.get(call, 0)

        def compare() -> list[str] | None:
            wrong = []
            for digit, heard in zip(digits, call.heard[start:], strict=False):
                facts = {"digit": heard.digit, "method": heard.method, "duration_ms": heard.duration_ms}
                wrong += [f"{heard.digit}: {each}" for each in differences({"digit": f"={digit}", **wanted}, facts)]
            enough = len(call.heard) >= start + len(digits)
            return wrong if wrong or enough or call.ended else None

        wrong = await self._happenings.until(compare, within=within)
        heard = call.heard[start:]
        if wrong or len(heard) < len(digits):
            text = " ".join(f"{each.digit} ({each.method}, {each.duration_ms} ms)" for each in heard)
            expected = f"{call.phone} hears {digits} {shown(wanted) if wanted else ''}".rstrip()
            raise self._failure(
                f"{expected}  within {within:g} s",
                nearest=f"it heard {text}" if text else "it heard nothing",
                because="; ".join(wrong or []) or (f"the call has ended: {call.ended.reason}" if call.ended else None),
                about=call,
            )
        self._digits_taken[call] = start + len(digits)
        if after_answer_ms is not None:
            self._check_moment(call, start, after_answer_ms)

    def _check_moment(self, call: PhoneCall, digit: int, wanted: Any) -> None:
        own = self._happenings.records(of_call=call.sip_call_id)
        talks = next(record.at for record in own if record.fields.get("action") == "talks")
        heard = [record.at for record in own if record.fields.get("action") == "hears"][digit]
        elapsed = round((heard - talks) * 1000)
        if differences(wanted, elapsed):
            expected = f"{call.phone} hears the first digit {shown(wanted)} ms after the answer"
            raise self._failure(expected, nearest=f"it was {elapsed} ms", about=call)

    async def become(
        self, phone_name: str, number: int | None, state: str, wanted: Mapping[str, Any], *, within: float
    ) -> dict[str, Any]:
        """The facts of a phone's call once it is in `state`; ExpectationFailed when they are not as wanted."""
        if state == "call":
            call = await self._phones[phone_name].wait_for_call(within=within)
        else:
            call = await self.of(phone_name, number, live=False)
        if not await self._happenings.until(lambda: self._has_come(call, state), within=within):
            raise self._failure(
                f"{phone_name}: the call is {state}  within {within:g} s", nearest=_state(call), about=call
            )
        if "codec" in wanted:
            await self._happenings.until(lambda: _is_on_the_wire(call), within=PACKETS_WITHIN)
        facts = _facts(call)
        if wrong := differences(wanted, facts, any_case=True):
            expected = f"{phone_name}: the call is {state}, with {shown(wanted)}"
            raise self._failure(expected, nearest="; ".join(map(str, wrong)), about=call)
        return facts

    async def leftovers(self) -> list[str]:
        """The calls that are up although all steps are done, after a moment for those that are ending."""

        def up() -> list[PhoneCall]:
            return [call for phone in self._phones.values() for call in phone.calls if call.ended is None]

        await self._happenings.until(lambda: True if not up() else None, within=QUIET_WITHIN)
        return [f"{call.phone} {'from' if call.incoming else 'to'} {call.remote}, {call.state}" for call in up()]

    def _failure(
        self, expected: str, *, nearest: str, because: str | None = None, about: PhoneCall | None = None
    ) -> ExpectationFailed:
        """An ExpectationFailed with the latest happenings, of the call that it is about if there is one."""
        happened = self._happenings.told(of_call=about.sip_call_id if about else None)
        return ExpectationFailed(expected, nearest=nearest, because=because, happened=happened)

    def _has_come(self, call: PhoneCall, state: str) -> bool | None:
        """True once the call has been in that state; False when it never will be; None as long as it may."""
        if state == "call":
            return True
        if state == "ended":
            return True if call.ended else None
        come = {
            "ringing": call.state in ("ringing", "early", "answered") or self._rings(call),
            "answered": call.state == "answered" and call.media is not None,
            "held": call.held_by is not None,
        }[state]
        return True if come else False if call.ended else None

    def _rings(self, call: PhoneCall) -> bool:
        own = self._happenings.records(of_call=call.sip_call_id)
        return any(record.fields.get("action") == "rings" for record in own)


def _state(call: PhoneCall) -> str:
    if call.ended:
        return f"it ended with {call.ended.status} {call.ended.reason}, by {call.ended.by}"
    return f"it is {call.state}"


def _is_on_the_wire(call: PhoneCall) -> bool | None:
    """True once packets of the negotiated codec pass; None as long as they may still come."""
    return True if call.media is not None and call.codec_on_the_wire == call.media.codec else None


def _facts(call: PhoneCall) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "headers": call.headers,
        "sip_call_id": call.sip_call_id,
        "remote": call.remote,
        "remote_name": call.remote_name,
    }
    if call.media is not None:
        codec = call.codec_on_the_wire or call.media.codec
        facts |= {"codec": codec, "telephone_event": call.media.telephone_event is not None}
    if call.ended is not None:
        facts |= {"status": call.ended.status, "reason": call.ended.reason, "by": call.ended.by}
    return facts
