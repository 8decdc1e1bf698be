"""A room dials SIPp: answered, refused and unanswered calls, and digits to a peer without telephone-event."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.values.errors import DailyError
from tests.interop import sipp
from tests.interop.program import Programs
from tests.interop.room_events import telephony_events
from tests.interop.sipp import Sipp, Transport

pytestmark = pytest.mark.interop("sipp")

RINGING = ["dialout-connected", "participant-joined"]
ANSWERED = [*RINGING, "dialout-answered", "dialout-warning"]
"""Events of an answered call, with a warning, because SIP targets are offered OPUS first and SIPp has only PCMU."""
LEFT = ["participant-left", "dialout-stopped"]


def uri(callee: Sipp, more: str = "") -> str:
    return f"sip:x@127.0.0.1:{callee.port}{more}"


async def hang_up(client: Client, session_id: str) -> list[str]:
    """End the call from the room; return the room's events of the call."""
    await client.stop_dialout(session_id)
    await client.wait_for("dialout-stopped", where={"sessionId": session_id})
    return telephony_events(client.events, session_id)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_stock_callee_answers(transport: Transport, programs: Programs, daily_client: Client) -> None:
    callee = await sipp.listen(programs, transport=transport, echo=True)
    target = uri(callee, ";transport=tcp" if transport == "tcp" else "")

    session_id = await daily_client.start_dialout({"sipUri": target})
    answered = await daily_client.wait_for("dialout-answered")

    assert await hang_up(daily_client, session_id) == [*ANSWERED, *LEFT]
    await callee.wait_for_answered_bye()
    assert answered["sipCallId"] == callee.call_id
    assert answered["destination"] == target


async def test_x_headers_of_the_uri_are_in_the_invite(programs: Programs, daily_client: Client) -> None:
    callee = await sipp.listen(programs)

    target = uri(callee, "?X-Account=42&X-Note=caf%C3%A9%20at%20nine")
    session_id = await daily_client.start_dialout({"sipUri": target, "displayName": "Ada"})
    await daily_client.wait_for("dialout-answered")
    await hang_up(daily_client, session_id)
    await callee.wait_for_answered_bye()

    assert callee.invite.header("X-Account") == "42"
    assert callee.invite.header("X-Note") == "café at nine"
    assert callee.invite.start_line == f"INVITE {uri(callee)} SIP/2.0"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("486 Busy Here", "486 Busy Here (busy)"),
        ("603 Not Today", "603 Not Today (declined)"),
        ("404 Not Found", "404 Not Found (unallocated number)"),
    ],
)
async def test_a_refused_call_is_a_dialout_error_with_the_status(
    status: str, text: str, programs: Programs, daily_client: Client
) -> None:
    callee = await sipp.listen(programs, "uas_refuses", status=status)

    session_id = await daily_client.start_dialout({"sipUri": uri(callee)})
    error = await daily_client.wait_for("dialout-error")
    await callee.wait_for_success()

    assert error["errorMsg"] == f"DialOut failed with error: {text}"
    assert error["sipCallId"] == callee.call_id
    assert telephony_events(daily_client.events, session_id) == ["dialout-error"]


async def test_an_unanswered_call_can_be_stopped(programs: Programs, daily_client: Client) -> None:
    callee = await sipp.listen(programs, "uas_rings")

    session_id = await daily_client.start_dialout({"sipUri": uri(callee)})
    await daily_client.wait_for("dialout-connected")

    assert await hang_up(daily_client, session_id) == [*RINGING, *LEFT]
    await callee.wait_for_success()


async def test_echoed_digits_are_dtmf_events(programs: Programs, daily_client: Client) -> None:
    callee = await sipp.listen(programs, "uas_echoes_digits", echo=True)

    session_id = await daily_client.start_dialout({"sipUri": uri(callee)})
    await daily_client.wait_for("dialout-answered")
    await send(daily_client, session_id, tones="4D#", method="telephone-event")
    await daily_client.wait_for(["dtmf-event"] * 3)
    digits = [f"dtmf-event {digit} telephone-event" for digit in "4D#"]

    assert await hang_up(daily_client, session_id) == [*ANSWERED, *digits, *LEFT]
    await callee.wait_for_success()


async def test_digits_are_sent_by_sip_info_without_telephone_event(programs: Programs, daily_client: Client) -> None:
    callee = await sipp.listen(programs, "uas_info_digits")

    session_id = await daily_client.start_dialout({"sipUri": uri(callee)})
    await daily_client.wait_for("dialout-answered")
    await send(daily_client, session_id, tones="8#", digitDurationMs=160)
    await callee.program.wait_for_output("digit #", file=sipp.LOG)
    await hang_up(daily_client, session_id)
    await callee.wait_for_success()

    infos = callee.requests("INFO")
    assert [info.header("Content-Type") for info in infos] == ["application/dtmf-relay"] * 2
    assert [info.body.split() for info in infos] == [["Signal=8", "Duration=160"], ["Signal=#", "Duration=160"]]


async def test_digits_by_telephone_event_are_refused_when_it_is_not_negotiated(
    programs: Programs, daily_client: Client
) -> None:
    callee = await sipp.listen(programs, "uas_info_digits")

    session_id = await daily_client.start_dialout({"sipUri": uri(callee)})
    await daily_client.wait_for("dialout-answered")
    with pytest.raises(DailyError, match="telephone-event") as raised:
        await send(daily_client, session_id, tones="8", method="telephone-event")
    await hang_up(daily_client, session_id)
    await callee.wait_for_success()

    assert raised.value.status == 400
    assert callee.requests("INFO") == []


async def send(client: Client, session_id: str, **settings: Any) -> None:
    await client.send_dtmf({"sessionId": session_id, **settings})
