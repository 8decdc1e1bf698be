"""A REFER from the far end of a room's call: Daily's side refuses it, and the call goes on."""

from __future__ import annotations

from tests.integration.transfers.conftest import DESK, Meeting
from tests.timeline_waits import wait_for_record


async def test_a_refer_to_daily_is_refused_and_recorded(meeting: Meeting) -> None:
    await meeting.call.transfer(DESK)
    received = await wait_for_record(
        meeting.daily, lambda record: record.kind == "sip" and record.fields.get("message") == "REFER received"
    )
    assert received.fields["answer"] == 603
    assert DESK in received.fields["to"]
    told = await wait_for_record(meeting.daily, lambda record: record.fields.get("action") == "receives NOTIFY")
    assert told.fields["status"] == 603
    await meeting.call.press("1")
    await meeting.bot.wait_for("dtmf-event", where={"tone": "1"})
