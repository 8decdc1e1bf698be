"""`FakeDaily.wait_for_delivery`: waiting for a request to a webhook."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from simulator.errors import ConfigurationError, ExpectationFailed


async def test_each_delivery_is_returned_by_one_wait_only(fake_daily: FakeDaily) -> None:
    hook = await fake_daily.receive_webhooks(["participant.joined"])
    hook.answer([500, 200])
    room = await fake_daily.create_room()
    await fake_daily.join(room, user_name="Ann")
    await fake_daily.join(room, user_name="Bob")
    first = await fake_daily.wait_for_delivery("participant.joined", where={"room": room.name})
    assert (first["status"], first["url"], first["payload"]["user_name"]) == (500, hook.url, "Ann")
    second = await fake_daily.wait_for_delivery("participant.joined", where={"user_name": "Bob"})
    assert second["status"] == 200
    with pytest.raises(ExpectationFailed) as failed:
        await fake_daily.wait_for_delivery("participant.joined", where={"user_name": "Bob"}, within=0.1)
    assert "delivery of participant.joined  {user_name: Bob}  within 0.1 s" in str(failed.value)
    assert "handed out by an earlier wait" in str(failed.value)


async def test_a_failed_wait_reports_what_was_delivered(fake_daily: FakeDaily) -> None:
    await fake_daily.receive_webhooks(["participant.joined"])
    room = await fake_daily.create_room()
    await fake_daily.join(room, user_name="Ann")
    await fake_daily.timeline.wait(lambda record: record.fields.get("purpose") == "event", within=5)
    with pytest.raises(ExpectationFailed) as failed:
        await fake_daily.wait_for_delivery("participant.joined", where={"user_name": "Bob"}, within=0.05)
    assert failed.value.nearest is not None
    assert "user_name: Ann" in failed.value.nearest


async def test_a_misspelt_type_is_refused_at_once(fake_daily: FakeDaily) -> None:
    with pytest.raises(
        ConfigurationError, match=r"'dialout\.answerd' is not usable; .* did you mean 'dialout\.answered'\?"
    ):
        await fake_daily.wait_for_delivery("dialout.answerd")
    async with WebhookReceiver() as receiver:
        with pytest.raises(ConfigurationError, match=r"did you mean 'dialout\.answered'\?"):
            await receiver.wait_for("dialout.answerd")
