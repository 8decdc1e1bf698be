"""The calls of a scenario's phones, and expectations about their state, their received digits and their end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import zip_longest
from typing import Any

from scenarios.context.scenario_timeline import ScenarioTimeline
from scenarios.language.comparison import differences
from simulator.compared_field import ComparedField
from simulator.differences import Difference, because, compared_fields, differing, shown
from simulator.errors import ExpectationFailed
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.received_digits import HeardDigit, digits_match, digits_missed, digits_text

CALL_WITHIN = 5.0
"""Seconds that a step waits for its phone to have a call."""
PACKETS_WITHIN = 0.5
"""Longest wait for the first packets of a negotiated codec at the relay, in seconds."""
ENDED_WITHIN = 2.0
"""Seconds after the last step within which all calls must end."""


class PhoneCalls:
    """The calls of all phones of a scenario, looked up by phone name."""

    def __init__(self, phones: Mapping[str, Phone], timeline: ScenarioTimeline) -> None:
        self._phones = phones
        self._timeline = timeline
        self._matched_digits: dict[PhoneCall, int] = {}

    async def find(self, phone_name: str, number: int | None = None, *, only_active: bool = True) -> PhoneCall:
        """Wait for call `number` of the phone, counted from 1, or for its newest call; return the call.

        With `only_active`, the newest call must not have ended. Raises ExpectationFailed after `CALL_WITHIN` seconds.
        """
        phone = self._phones[phone_name]

        def found() -> PhoneCall | None:
            if number is not None:
                return phone.calls[number - 1] if len(phone.calls) >= number else None
            call = phone.calls[-1] if phone.calls else None
            return None if call is None or (only_active and call.ended is not None) else call

        call = await self._timeline.wait_until(found, within=CALL_WITHIN)
        if call is None:
            which = "a call" if number is None else f"call {number}"
            calls = ", ".join(f"{each.state} {_direction(each)}" for each in phone.calls)
            raise self._failure(
                f"{phone_name} has {which}  within {CALL_WITHIN:g} s", nearest=calls or "it has had no call"
            )
        return call

    async def expect_digits(
        self,
        call: PhoneCall,
        digits: str,
        expected: Mapping[str, Any],
        *,
        after_answer_ms: Any,
        within: float,
    ) -> None:
        """Wait until the next digits received in `call` are `digits`, each with the `expected` values.

        Keys of `expected`: `method`, `duration_ms`. `after_answer_ms` is the expected time from the answer to the end
        of the first digit, None for any. Raises ExpectationFailed.
        """
        start = self._matched_digits.get(call, 0)

        def compare(heard: HeardDigit) -> list[Difference]:
            return differences(expected, asdict(heard))

        def outcome() -> bool | None:
            matches = digits_match(digits, call.heard[start:], compare)
            return False if matches is None and call.ended else matches

        if not await self._timeline.wait_until(outcome, within=within):
            heard = call.heard[start:]
            expectation = f"{call.phone} hears {digits} {shown(expected) if expected else ''}".rstrip()
            ended = f"the call has ended: {call.ended.reason}" if call.ended else call.persona_place
            raise self._failure(
                f"{expectation}  within {within:g} s",
                nearest=digits_text(heard),
                because="; ".join(filter(None, (because(digits_missed(digits, heard, compare)), ended))),
                call=call,
                compared=_compared_digits(digits, expected, heard),
            )
        self._matched_digits[call] = start + len(digits)
        if after_answer_ms is not None:
            self._check_time_after_answer(call, start, after_answer_ms)

    def _check_time_after_answer(self, call: PhoneCall, digit: int, expected: Any) -> None:
        records = self._timeline.records(sip_call_id=call.sip_call_id)
        answered = next(record.at for record in records if record.fields.get("action") == "has media")
        heard = [record.at for record in records if record.fields.get("action") == "hears"][digit]
        elapsed = round((heard - answered) * 1000)
        if wrong := differences(expected, elapsed, field="after_answer_ms"):
            expectation = f"{call.phone} hears the first digit {shown(expected)} ms after the answer"
            raise self._failure(
                expectation,
                nearest=digits_text([call.heard[digit]]),
                because=because(wrong),
                call=call,
                compared=differing(wrong),
            )

    async def expect_position(self, call: PhoneCall, expected: Mapping[str, Any], *, within: float) -> None:
        """Wait until the persona of the call's phone reaches a position with these values. Raises ExpectationFailed."""
        positions = call.positions

        def compare(fields: Mapping[str, Any]) -> list[Difference]:
            return differences(expected, fields)

        def outcome() -> bool | None:
            return True if positions.take(compare) else False if call.ended else None

        if not await self._timeline.wait_until(outcome, within=within):
            nearest, reason, compared = positions.miss(compare)
            reasons = filter(None, (reason, call.explanation))
            raise self._failure(
                f"{call.phone}: its persona is at {shown(expected)}  within {within:g} s",
                nearest=nearest or _state_text(call),
                because="; ".join(reasons),
                call=call,
                compared=compared,
            )

    async def expect_state(
        self, phone_name: str, number: int | None, state: str, expected: Mapping[str, Any], *, within: float
    ) -> dict[str, Any]:
        """Wait until a call of the phone reaches `state`; compare the call's properties with `expected`; return them.

        `state` is `call`, `ringing`, `answered`, `held` or `ended`. `number` counts the phone's calls from 1; None is
        the newest. Raises ExpectationFailed.
        """
        if state == "call":
            call = await self._phones[phone_name].wait_for_call(within=within)
        else:
            call = await self.find(phone_name, number, only_active=False)
        first, is_over = call, call.ended is not None and number is None  # then a newer one may be on its way

        def outcome() -> bool | None:
            nonlocal call
            call = self._phones[phone_name].calls[-1] if is_over else call
            reached = self._has_reached(call, state)
            return None if reached is False and is_over and call is first else reached

        if not await self._timeline.wait_until(outcome, within=within):
            raise self._failure(
                f"{phone_name}: the call is {state}  within {within:g} s", nearest=_state_text(call), call=call
            )
        if "codec" in expected:
            await self._timeline.wait_until(lambda: _codec_is_on_the_wire(call), within=PACKETS_WITHIN)
        facts = _facts(call)
        if wrong := differences(expected, facts, ignore_case=True):
            expectation = f"{phone_name}: the call is {state}, with {shown(expected)}"
            compared = compared_fields(expected, facts, wrong, ignore_case=True)
            raise self._failure(
                expectation, nearest=_state_text(call), because=because(wrong), call=call, compared=compared
            )
        return facts

    async def remaining(self) -> list[str]:
        """Wait up to `ENDED_WITHIN` seconds for all calls to end; return a description of each that has not ended."""

        def active() -> list[PhoneCall]:
            return [call for phone in self._phones.values() for call in phone.calls if call.ended is None]

        await self._timeline.wait_until(lambda: True if not active() else None, within=ENDED_WITHIN)
        return [f"{call.phone} {_direction(call)}, {call.state}" for call in active()]

    def _failure(
        self,
        expected: str,
        *,
        nearest: str,
        because: str | None = None,
        call: PhoneCall | None = None,
        compared: Iterable[ComparedField] = (),
    ) -> ExpectationFailed:
        """Build an ExpectationFailed with the latest records, limited to those of `call` if given."""
        happened = self._timeline.latest_lines(sip_call_id=call.sip_call_id if call else None)
        because = because or (call.persona_place if call else None)
        return ExpectationFailed(expected, nearest=nearest, because=because, happened=happened, compared=compared)

    def _has_reached(self, call: PhoneCall, state: str) -> bool | None:
        """True once the call has reached `state`, False if it ended without reaching it, otherwise None."""
        if state == "call":
            return True
        if state == "ended":
            return True if call.ended else None
        reached = {
            "ringing": call.state in ("ringing", "early", "answered") or self._has_rung(call),
            "answered": call.state == "answered" and call.media is not None,
            "held": call.held_by is not None,
        }[state]
        return True if reached else False if call.ended else None

    def _has_rung(self, call: PhoneCall) -> bool:
        records = self._timeline.records(sip_call_id=call.sip_call_id)
        return any(record.fields.get("action") == "rings" for record in records)


def _compared_digits(digits: str, expected: Mapping[str, Any], heard: Sequence[HeardDigit]) -> list[ComparedField]:
    """The digits that were expected beside those that were heard, one by one."""
    rows = []
    for index, (digit, came) in enumerate(zip_longest(digits, heard), 1):
        wanted = None if digit is None else {"digit": f"={digit}", **expected}
        facts = {} if came is None else {"digit": came.digit, "method": came.method, "duration_ms": came.duration_ms}
        rows.append(
            ComparedField(
                f"digit {index}",
                None if wanted is None else shown({**wanted, "digit": digit}),
                shown(facts) if facts else None,
                agrees=wanted is not None and not differences(wanted, facts),
            )
        )
    return rows


def _direction(call: PhoneCall) -> str:
    return f"{'from' if call.incoming else 'to'} {call.remote}"


def _state_text(call: PhoneCall) -> str:
    if call.ended:
        return f"it ended with {call.ended.status} {call.ended.reason}, by {call.ended.by}"
    return f"it is {call.state}"


def _codec_is_on_the_wire(call: PhoneCall) -> bool | None:
    """True if the latest packets at the relay have the negotiated codec, otherwise None."""
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
