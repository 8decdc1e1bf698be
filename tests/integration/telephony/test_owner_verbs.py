"""Telephony verbs need an owner's meeting token, or canAdmin for participants; nobody else's request does anything.

https://docs.daily.co/docs/daily-js/features/dialin-dialout, Prerequisites
"""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import DailyError
from simulator.network import Network

CALLER, DESK = "+12065550199", "+12065550142"
VERBS: list[tuple[str, dict[str, Any]]] = [
    ("start_dialout", {"phoneNumber": DESK}),
    ("stop_dialout", {}),
    ("send_dtmf", {"tones": "1"}),
    ("sip_call_transfer", {"toEndPoint": DESK}),
    ("sip_refer", {"toEndPoint": f"sip:{DESK}@{{network}}"}),
]


async def use(client: Client, verb: str, session_id: str, options: dict[str, Any]) -> None:
    if verb == "stop_dialout":
        await client.stop_dialout(session_id)
    else:
        of_session = {} if verb == "start_dialout" else {"sessionId": session_id}
        await getattr(client, verb)({**of_session, **options})


@pytest.mark.parametrize(("verb", "options"), VERBS)
async def test_a_participant_without_rights_is_refused_and_the_call_goes_on(
    fake_daily: FakeDaily, phone_network: Network, verb: str, options: dict[str, Any]
) -> None:
    options = {name: str(value).format(network=phone_network.address) for name, value in options.items()}
    room = await fake_daily.create_room(enable_dialout=True)
    owner = await fake_daily.join(room)
    desk = await phone_network.phone(DESK)
    caller = await phone_network.phone(CALLER, refers="follow")
    session_id = await owner.start_dialout({"phoneNumber": CALLER})
    await owner.wait_for("dialout-answered")
    call = await caller.wait_for_call()
    without_rights: list[dict[str, Any]] = [{}, {"permissions": {"canAdmin": ["streaming"]}}]
    for token in without_rights:
        async with Client(room.url, token=room.token(is_owner=False, **token)) as guest:
            with pytest.raises(DailyError, match="it requires a meeting token with is_owner") as refused:
                await use(guest, verb, session_id, options)
            assert (refused.value.status, refused.value.error) == (400, "invalid-request-error")
    assert (call.state, call.digits, desk.calls) == ("answered", "", [])

    helper_token = room.token(is_owner=False, permissions={"canAdmin": ["participants"]})
    async with Client(room.url, token=helper_token) as helper:
        await use(helper, verb, session_id, options)
