"""DTMF through DailyTransport: digits of a phone become frames; frames and `send_dtmf` send digits to the phone."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from simulator.network import Network
from tests.interop.pipecat.bot_runs import transport_bot

pytestmark = pytest.mark.interop("pipecat")

DESK, OTHER, CALLER = "+12065550142", "+12065550143", "+12065550199"


async def test_received_digits_become_frames_and_events(phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.audio.dtmf.types import KeypadEntry
    from pipecat.frames.frames import InputDTMFFrame

    async with transport_bot(daily_room) as bot:
        endpoint = await bot.event("on_dialin_ready")
        call = await (await phone_network.phone(CALLER)).dial(endpoint)
        session_id = (await bot.event("on_dialin_connected"))["sessionId"]
        await call.wait_answered()
        await call.press("1", method="telephone-event")
        await call.press("A#", method="sip-info")
        heard = [await bot.event("on_dtmf_event") for _ in range(3)]
        assert [(event["tone"], event["method"], event["sessionId"]) for event in heard] == [
            ("1", "telephone-event", session_id),
            ("A", "sip-info", session_id),
            ("#", "sip-info", session_id),
        ]
        await bot.frame(InputDTMFFrame, button=KeypadEntry.POUND)
        keys = [frame.button for frame in bot.frames if isinstance(frame, InputDTMFFrame)]
        assert keys == [KeypadEntry.ONE, KeypadEntry.POUND], "Pipecat ignores A to D"
        await call.hang_up()


async def test_sending_digits_without_a_call_is_refused(daily_room: RoomHandle) -> None:
    async with transport_bot(daily_room) as bot:
        refused = await bot.transport.send_dtmf({"tones": "1"})
        assert refused == "Can't send DTMF if 'sessionId' is not set"


async def test_digits_are_sent_by_frames_and_by_send_dtmf(phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.audio.dtmf.types import KeypadEntry
    from pipecat.frames.frames import OutputDTMFUrgentFrame
    from pipecat.transports.daily.transport import DailyOutputDTMFFrame

    desk = await phone_network.phone(DESK)
    async with transport_bot(daily_room) as bot:
        await bot.transport.start_dialout({"phoneNumber": DESK})
        call = await desk.wait_for_call()
        await bot.event("on_dialout_answered")
        await bot.worker.queue_frame(
            DailyOutputDTMFFrame(
                buttons=[KeypadEntry.ONE, KeypadEntry.STAR], digit_duration_ms=100, method="telephone-event"
            )
        )
        await call.wait_for_digits("1*", method="telephone-event")
        assert [heard.duration_ms for heard in call.heard] == pytest.approx([100, 100], abs=20)
        await bot.worker.queue_frame(OutputDTMFUrgentFrame(buttons=[KeypadEntry.POUND]))
        await call.wait_for_digits("#")
        settings = {"tones": "42D", "method": "sip-info"}
        assert await bot.transport.send_dtmf(settings) is None
        await call.wait_for_digits("42D", method="sip-info")
        assert settings["sessionId"], "the transport fills it in"


async def test_sending_digits_while_the_phone_rings_is_refused(phone_network: Network, daily_room: RoomHandle) -> None:
    desk = await phone_network.phone(DESK, calls="no_answer")
    async with transport_bot(daily_room) as bot:
        await bot.transport.start_dialout({"phoneNumber": DESK})
        await bot.event("on_dialout_connected")
        await desk.wait_for_call()
        assert await bot.transport.send_dtmf({"tones": "1"}), "an error: the call is not answered yet"


async def test_invalid_digits_are_refused(phone_network: Network, daily_room: RoomHandle) -> None:
    await phone_network.phone(DESK)
    async with transport_bot(daily_room) as bot:
        await bot.transport.start_dialout({"phoneNumber": DESK})
        await bot.event("on_dialout_answered")
        for settings in ({"tones": "x"}, {"tones": "1" * 21}, {"tones": "1", "digitDurationMs": 49}):
            assert await bot.transport.send_dtmf(settings)
        await bot.transport.stop_dialout("nobody")


async def test_digits_go_to_the_dial_out_that_was_connected_last(
    phone_network: Network, daily_room: RoomHandle
) -> None:
    first, second = await phone_network.phone(DESK), await phone_network.phone(OTHER)
    async with transport_bot(daily_room) as bot:
        calls, sessions = [], []
        for phone in (first, second):
            session_id, _ = await bot.transport.start_dialout({"phoneNumber": phone.number})
            await bot.event("on_dialout_answered")
            calls.append(await phone.wait_for_call())
            sessions.append(session_id)
        await bot.transport.send_dtmf({"tones": "2"})
        await calls[1].wait_for_digits("2")
        await bot.transport.send_dtmf({"tones": "1", "sessionId": sessions[0]})
        await calls[0].wait_for_digits("1")
        await bot.transport.stop_dialout(sessions[0])
        assert (await bot.event("on_dialout_stopped"))["sessionId"] == sessions[0]
        await bot.transport.send_dtmf({"tones": "3"})
        await calls[1].wait_for_digits("3")
        await bot.transport.stop_dialout(sessions[1])
        await bot.event("on_dialout_stopped")
        assert await bot.transport.send_dtmf({"tones": "4"}) == "Can't send DTMF if 'sessionId' is not set"
        assert (calls[0].digits, calls[1].digits) == ("1", "23")
