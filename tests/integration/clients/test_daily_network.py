"""Clients of the module `daily` whose network is cut, by the fake Daily, without a word."""

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
    """The bot has no network until it is mended, or for almost as long as the room keeps its place."""
    daily.cut_network(bot.session_id, seconds=4)
    bot.handler.wait_for("network_connection_status_updated", lambda status: status["event"] == "interrupted")


def mend(daily: SyncFakeDaily, bot: DailyClient) -> None:
    daily.cut_network(bot.session_id, seconds=0)


def network_events(bot: DailyClient) -> list[str]:
    return [status["event"] for status in bot.handler.all("network_connection_status_updated")]


def test_a_client_takes_up_its_place_again_and_hears_what_it_missed(
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
    mend(sync_fake_daily, bot)

    assert bot.handler.wait_for("app_message") == ("while you were away", human.session_id)
    bot.handler.wait_for("dialout_answered")
    assert network_events(bot) == ["connected", "interrupted", "connected"]
    names = bot.handler.names()
    again = [place for place, name in enumerate(names) if name == "network_connection_status_updated"][-1]
    assert again < names.index("app_message")
    assert names.count("app_message") == names.count("dialout_answered") == 1
    assert bot.session_id == session_id
    assert bot.handler.all("call_state_updated") == ["joining", "joined"]
    assert bot.ask("send_app_message", "I am back") == (None,)
    assert human.wait_for("app-message")["data"] == "I am back"


def test_verbs_fail_while_there_is_no_network(sync_fake_daily: SyncFakeDaily, bot: DailyClient) -> None:
    cut(sync_fake_daily, bot)
    before = len(bot.handler.callbacks)
    assert bot.ask("send_app_message", "x") == ("AppMessage(Signalling(ChannelNotOpen))",)
    assert bot.ask("start_dialout", {"phoneNumber": OFFICE}) == (None, "Dialout(Signalling(ChannelNotOpen))")
    mend(sync_fake_daily, bot)
    bot.handler.wait_for(
        "network_connection_status_updated", lambda status: status["event"] == "connected", after=before
    )
    assert bot.ask("send_app_message", "x") == (None,)


def test_two_cuts_in_a_row(sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle) -> None:
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


def test_leaving_without_a_network(sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle) -> None:
    cut(sync_fake_daily, bot)
    assert bot.ask("leave") == (None,)
    assert bot.handler.all("call_state_updated")[-2:] == ["leaving", "left"]
    bot.join(room.url, room.owner_token)


def test_a_place_that_is_gone_ends_the_call(sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle) -> None:
    human = sync_fake_daily.join(room)
    session_id = bot.session_id
    cut(sync_fake_daily, bot)
    human.eject(session_id)
    bot.handler.wait_for("call_state_updated", lambda state: state == "left")
    (why,) = bot.handler.wait_for("error")
    assert why.startswith("The connection was lost (")
    assert set(bot.client.participants()) == {"local"}
    bot.join(room.url)


def test_a_forked_process_has_clients_of_its_own(bot: DailyClient, room: RoomHandle) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # no pytest in here
        said = b"nothing"
        try:
            bot.client.leave()
        except RuntimeError as wrong:
            said = str(wrong).encode()
        try:
            with DailyClient() as other:
                other.join(room.url)
                said += b"; joined"
        finally:
            os.write(writing, said)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    assert said == b"this object was created before os.fork(); create another one in the new process; joined"
    assert bot.ask("send_app_message", "the parent's goes on") == (None,)


if sys.platform == "darwin":
    del test_a_forked_process_has_clients_of_its_own  # the system's libraries do not survive a fork there
