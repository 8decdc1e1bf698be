"""Clients of the module `daily` whose connection is cut by the fake Daily."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.sync import SyncFakeDaily
from simulator.sync import SyncNetwork
from tests.daily_module_client import DailyClient

OFFICE = "+12065550142"


@pytest.fixture
def room(sync_fake_daily: SyncFakeDaily) -> RoomHandle:
    return sync_fake_daily.create_room(enable_dialout=True)


@pytest.fixture
def bot(room: RoomHandle) -> Iterator[DailyClient]:
    with DailyClient() as client:
        client.join(room.url, room.owner_token)
        yield client


def cut(daily: SyncFakeDaily, bot: DailyClient) -> None:
    """Cut the bot's connection for 4 s, or until `restore`; the room keeps the participant slightly longer."""
    daily.cut_network(bot.session_id, seconds=4)
    bot.handler.wait_for("network_connection_status_updated", lambda status: status["event"] == "interrupted")


def restore(daily: SyncFakeDaily, bot: DailyClient) -> None:
    daily.cut_network(bot.session_id, seconds=0)


def network_events(bot: DailyClient) -> list[str]:
    return [status["event"] for status in bot.handler.all("network_connection_status_updated")]


def test_a_client_resumes_as_the_same_participant_and_receives_missed_events(
    sync_fake_daily: SyncFakeDaily, sync_phone_network: SyncNetwork, bot: DailyClient, room: RoomHandle
) -> None:
    office = sync_phone_network.phone(OFFICE, calls=[{"ring_ms": 100, "then": "answer"}])
    human = sync_fake_daily.join(room)
    bot.dial({"phoneNumber": office.number})
    bot.handler.wait_for("dialout_connected")
    session_id = bot.session_id

    cut(sync_fake_daily, bot)
    human.send_app_message("while you were away")
    office.wait_for_call().wait_answered()
    restore(sync_fake_daily, bot)

    assert bot.handler.wait_for("app_message") == ("while you were away", human.session_id)
    bot.handler.wait_for("dialout_answered")
    assert network_events(bot) == ["connected", "interrupted", "connected"]
    names = bot.handler.names()
    resumed = [index for index, name in enumerate(names) if name == "network_connection_status_updated"][-1]
    assert resumed < names.index("app_message")
    assert names.count("app_message") == names.count("dialout_answered") == 1
    assert bot.session_id == session_id
    assert bot.handler.all("call_state_updated") == ["joining", "joined"]
    assert bot.ask("send_app_message", "I am back") == (None,)
    assert human.wait_for("app-message")["data"] == "I am back"


def test_verbs_fail_while_the_connection_is_lost(sync_fake_daily: SyncFakeDaily, bot: DailyClient) -> None:
    cut(sync_fake_daily, bot)
    before = len(bot.handler.callbacks)
    assert bot.ask("send_app_message", "x") == ("AppMessage(Signalling(ChannelNotOpen))",)
    assert bot.ask("start_dialout", {"phoneNumber": OFFICE}) == (None, "Dialout(Signalling(ChannelNotOpen))")
    restore(sync_fake_daily, bot)
    bot.handler.wait_for(
        "network_connection_status_updated", lambda status: status["event"] == "connected", after=before
    )
    assert bot.ask("send_app_message", "x") == (None,)


def test_two_interruptions_in_a_row(sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle) -> None:
    for message in ("one", "two"):
        before = len(bot.handler.callbacks)
        sync_fake_daily.cut_network(bot.session_id, seconds=0.1)
        bot.handler.wait_for(
            "network_connection_status_updated", lambda status: status["event"] == "connected", after=before
        )
        human = sync_fake_daily.join(room)
        human.send_app_message(message)
        bot.handler.wait_for("app_message", lambda data, _sender, wanted=message: data == wanted)
    assert network_events(bot) == ["connected", "interrupted", "connected", "interrupted", "connected"]


def test_leaving_while_the_connection_is_lost(
    sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle
) -> None:
    cut(sync_fake_daily, bot)
    assert bot.ask("leave") == (None,)
    assert bot.handler.all("call_state_updated")[-2:] == ["leaving", "left"]
    bot.join(room.url, room.owner_token)


def test_a_participant_who_was_ejected_meanwhile_cannot_resume(
    sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle
) -> None:
    human = sync_fake_daily.join(room)
    session_id = bot.session_id
    cut(sync_fake_daily, bot)
    human.eject(session_id)
    bot.handler.wait_for("call_state_updated", lambda state: state == "left")
    (error,) = bot.handler.wait_for("error")
    assert error.startswith("The connection was lost (")
    assert set(bot.client.participants()) == {"local"}
    bot.join(room.url)


def test_a_forked_process_can_create_clients_of_its_own(bot: DailyClient, room: RoomHandle) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pytest does not run in the child
        report = b"nothing"
        try:
            bot.client.leave()
        except RuntimeError as error:
            report = str(error).encode()
        try:
            with DailyClient() as other:
                other.join(room.url)
                report += b"; joined"
        finally:
            os.write(writing, report)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        report = pipe.read()
    os.waitpid(child, 0)
    assert report == b"this object was created before os.fork(); create another one in the new process; joined"
    assert bot.ask("send_app_message", "the parent's goes on") == (None,)


if sys.platform == "darwin":
    del test_a_forked_process_can_create_clients_of_its_own  # the system's libraries do not survive a fork there
