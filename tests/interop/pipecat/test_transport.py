"""DailyTransport alone: events and their order, refusals, messages, and lost rooms and connections."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.errors import ExpectationFailed
from simulator.network import Network
from tests.interop.pipecat.bot_runs import transport_bot

pytestmark = pytest.mark.interop("pipecat")

DESK = "+12065550142"
UNORDERED = {"on_dialout_warning", "on_active_speaker_changed", "on_network_connection_status_updated"}
"""Events whose order among the others is not defined."""


async def test_events_of_a_dial_out_come_in_order(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle
) -> None:
    await phone_network.phone(DESK)
    async with transport_bot(daily_room) as bot:
        session_id, error = await bot.transport.start_dialout({"phoneNumber": DESK})
        assert error is None
        connected = await bot.event("on_dialout_connected")
        answered = await bot.event("on_dialout_answered")
        joined = await bot.event("on_participant_joined")
        assert connected["sessionId"] == answered["sessionId"] == joined["id"] == session_id
        assert set(bot.transport.participants()) == {"local", session_id}
        assert bot.transport.participant_counts() == {"present": 2, "hidden": 0}
        assert await bot.transport.stop_dialout(session_id) is None
        left, reason = await bot.event("on_participant_left")
        assert (left["id"], reason) == (session_id, "leftCall")
        await bot.event("on_dialout_stopped")
        assert set(bot.transport.participants()) == {"local"}
    ordered = [name for name in bot.event_names if name not in UNORDERED]
    assert ordered == [
        "on_joined",
        "on_call_state_updated",
        "on_call_state_updated",
        "on_dialin_ready",
        "on_dialout_connected",
        "on_first_participant_joined",
        "on_participant_joined",
        "on_client_connected",
        "on_dialout_answered",
        "on_participant_left",
        "on_client_disconnected",
        "on_dialout_stopped",
        "on_before_leave",
        "on_call_state_updated",
        "on_left",
    ], "Pipecat passes on no later events"
    assert fake_daily.clients == []


async def test_a_refused_dial_out_is_reported_by_the_return_value_only(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room()
    async with transport_bot(room) as bot:
        session_id, error = await bot.transport.start_dialout({"phoneNumber": DESK})
        assert session_id is None
        assert str(error).startswith("Dialout(Properties(UnknownCallClientError))")
        client = await fake_daily.join(room)
        await client.send_app_message("are you still there?")
        await bot.event("on_app_message")
        assert "on_dialout_error" not in bot.event_names
        assert "on_error" not in bot.event_names


async def test_fields_of_on_dialout_error(phone_network: Network, daily_room: RoomHandle) -> None:
    await phone_network.phone(DESK, calls="busy")
    async with transport_bot(daily_room) as bot:
        session_id, _ = await bot.transport.start_dialout({"phoneNumber": DESK})
        failed = await bot.event("on_dialout_error")
        assert failed["sessionId"] == session_id
        assert failed["message"] == failed["errorMsg"], "the names in the documentation of daily-python and of daily-js"
        assert "busy" in failed["message"]
        assert "action" not in failed
        assert await bot.transport.send_dtmf({"tones": "1"}) == "Can't send DTMF if 'sessionId' is not set"
        assert await bot.transport.stop_dialout(session_id), "there is no call to stop"


async def test_messages_in_both_directions(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    from pipecat.frames.frames import OutputTransportMessageUrgentFrame
    from pipecat.transports.daily.transport import (
        DailyInputTransportMessageFrame,
        DailyOutputTransportMessageUrgentFrame,
    )

    client, other = await fake_daily.join(daily_room), await fake_daily.join(daily_room)
    async with transport_bot(daily_room) as bot:
        bot_id = bot.transport.participants()["local"]["id"]
        await client.send_app_message({"question": ["où?", 1.5, None]}, to=bot_id)
        assert await bot.event("on_app_message") == ({"question": ["où?", 1.5, None]}, client.session_id)
        await bot.frame(DailyInputTransportMessageFrame, participant_id=client.session_id)
        await bot.worker.queue_frame(OutputTransportMessageUrgentFrame(message={"to": "all"}))
        for hearer in (client, other):
            assert (await hearer.wait_for("app-message"))["data"] == {"to": "all"}
        alone = DailyOutputTransportMessageUrgentFrame(message={"to": "one"}, participant_id=client.session_id)
        await bot.worker.queue_frame(alone)
        assert (await client.wait_for("app-message"))["data"] == {"to": "one"}
        await bot.worker.queue_frame(OutputTransportMessageUrgentFrame(message={"to": "all again"}))
        assert (await other.wait_for("app-message"))["data"] == {"to": "all again"}, (
            "it did not receive the other message"
        )


async def test_a_refused_join_is_reported_and_the_bot_keeps_running(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room(privacy="private")
    elsewhere = await fake_daily.create_room()
    async with transport_bot(room, token=elsewhere.owner_token, joins=False) as bot:
        error = await bot.event("on_error")
        assert error.startswith(f"Error joining {room.url}: ")
        assert "on_joined" not in bot.event_names
        assert not bot.worker.has_finished()


async def test_a_short_interruption(fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.frames.frames import OutputTransportMessageUrgentFrame

    desk = await phone_network.phone(DESK)
    client = await fake_daily.join(daily_room)
    async with transport_bot(daily_room) as bot:
        assert await bot.event("on_network_connection_status_updated") == {
            "connection": "signalling",
            "event": "connected",
        }
        await bot.transport.start_dialout({"phoneNumber": DESK})
        await bot.event("on_dialout_answered")
        bot_id = bot.transport.participants()["local"]["id"]
        await fake_daily.cut_network(bot_id, seconds=0.3)
        assert await bot.event("on_network_connection_status_updated") == {
            "connection": "signalling",
            "event": "interrupted",
        }
        await (await desk.wait_for_call()).press("7")
        assert await bot.event("on_network_connection_status_updated") == {
            "connection": "signalling",
            "event": "connected",
        }
        assert (await bot.event("on_dtmf_event"))["tone"] == "7", "events during the interruption are delivered"
        await bot.worker.queue_frame(OutputTransportMessageUrgentFrame(message="still here"))
        await client.wait_for("app-message", where={"data": "still here"})
        assert "participant-left" not in fake_daily.events(daily_room).actions()
        assert "on_error" not in bot.event_names


async def test_a_long_interruption_ends_the_call() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, reconnect_within_s=0.2)) as daily:
        room = await daily.create_room()
        client = await daily.join(room)
        async with transport_bot(room, token=room.owner_token) as bot:
            bot_id = bot.transport.participants()["local"]["id"]
            await daily.cut_network(bot_id, seconds=1)
            await client.wait_for("participant-left", where={"participant.session_id": bot_id})
            assert (await bot.event("on_error")).startswith(f"Disconnected from {room.url}")
            assert not bot.worker.has_finished(), "that is up to the bot"


async def test_an_ejection_is_reported_to_the_bot(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    client = await fake_daily.join(daily_room)
    async with transport_bot(daily_room) as bot:
        await client.eject(bot.transport.participants()["local"]["id"])
        assert (await bot.event("on_error")).startswith(f"Disconnected from {daily_room.url}")


async def test_a_reset_of_the_server_is_reported_to_the_bot(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    async with transport_bot(daily_room) as bot:
        await fake_daily.reset()
        assert (await bot.event("on_error")).startswith(f"Disconnected from {daily_room.url}")


async def test_the_room_is_empty_after_the_bot_has_ended(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    async with transport_bot(daily_room):
        with pytest.raises(ExpectationFailed, match="bot"):
            await fake_daily.wait_until_empty(daily_room, within=0.05)
    await fake_daily.wait_until_empty(daily_room)
