"""Callbacks of the module `daily`, and participants and events as they are told."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from fake_daily_server.clients.python.daily._audio.custom_audio import CustomAudioSource, CustomAudioTrack
from fake_daily_server.clients.python.daily._call.event_callbacks import told
from fake_daily_server.clients.python.daily._call.event_handler import EventHandler, is_event_handler
from fake_daily_server.clients.python.daily._call.participant_format import participant
from fake_daily_server.clients.python.daily._call.participants import People
from fake_daily_server.clients.python.daily._settings.client_settings import ClientSettings
from fake_daily_server.clients.python.daily._threads.dispatcher import Dispatcher
from fake_daily_server.values.participants import EVERYBODY, Participant, Permissions

ANN = Participant(session_id="3f2504e0-4f89-41d3-9a0c-0305e82c3301", user_id="ann", user_name="Ann", audio=True)
ME = Participant(session_id="3f2504e0-4f89-41d3-9a0c-0305e82c3302", user_id="me", owner=True)


class TestDispatcher:
    def test_callbacks_come_in_order_on_one_other_thread(self) -> None:
        dispatcher = Dispatcher()
        came: list[tuple[int, int]] = []
        for number in range(100):
            dispatcher.post(lambda number: came.append((number, threading.get_ident())), number)
        dispatcher.end()
        assert dispatcher.wait(5)
        assert [number for number, _ in came] == list(range(100))
        assert {ident for _, ident in came} != {threading.get_ident()}
        assert len({ident for _, ident in came}) == 1

    def test_what_a_callback_raises_is_reported_and_the_next_one_comes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        dispatcher = Dispatcher()
        came: list[str] = []
        reported: list[Any] = []
        monkeypatch.setattr("sys.unraisablehook", reported.append)

        def fails() -> None:
            raise SystemExit("too bad")

        dispatcher.post(fails)
        dispatcher.post(came.append, "next")
        dispatcher.end()
        assert dispatcher.wait(5)
        assert came == ["next"]
        assert [str(report.exc_value) for report in reported] == ["too bad"]

    def test_it_knows_its_own_thread(self) -> None:
        dispatcher, came = Dispatcher(), []
        dispatcher.post(lambda: came.append(dispatcher.is_this_thread()))
        dispatcher.end()
        assert dispatcher.wait(5)
        assert came == [True]
        assert not dispatcher.is_this_thread()

    def test_without_a_callback_there_is_no_thread(self) -> None:
        before = threading.active_count()
        dispatcher = Dispatcher()
        dispatcher.end()
        assert dispatcher.wait(0)
        assert threading.active_count() == before


def test_handlers_are_known_by_their_base_class() -> None:
    theirs = type("EventHandler", (), {"__module__": "daily"})
    assert is_event_handler(type("Mine", (EventHandler,), {})())
    assert is_event_handler(type("Mine", (theirs,), {})())
    assert not is_event_handler(EventHandler)
    assert not is_event_handler(object())


class TestParticipants:
    def test_a_participant_who_speaks(self) -> None:
        shown = participant(ANN.as_seen_by(None), lambda medium: "subscribed")
        assert shown["id"] == ANN.session_id
        assert shown["info"] == {
            "isLocal": False,
            "isOwner": False,
            "joinedAt": int(ANN.joined_at.timestamp()),
            "permissions": {
                "hasPresence": True,
                "canSend": ["camera", "microphone", "screenVideo", "screenAudio", "customVideo", "customAudio"],
                "canReceive": {"base": True},
                "canAdmin": [],
            },
            "userId": "ann",
            "userName": "Ann",
        }
        assert shown["media"]["microphone"] == {"state": "playable", "subscribed": "subscribed"}
        assert shown["media"]["camera"] == {"state": "off", "offReasons": ["user"], "subscribed": "subscribed"}

    def test_whom_one_does_not_receive_can_be_received(self) -> None:
        shown = participant(ANN.as_seen_by(None), lambda medium: "unsubscribed")
        assert shown["media"]["microphone"] == {"state": "receivable", "subscribed": "unsubscribed"}

    def test_who_may_not_send(self) -> None:
        mute = ANN.permitted(Permissions(can_send=("video",)).over(EVERYBODY))
        shown = participant(mute.as_seen_by(None))
        assert shown["info"]["permissions"]["canSend"] == ["camera"]
        assert shown["media"]["microphone"]["offReasons"] == ["sendPermission"]

    def test_a_name_that_was_not_given_is_left_out(self) -> None:
        assert "userName" not in participant(ME.as_seen_by(ME.session_id))["info"]

    def test_the_client_itself_before_and_in_a_call(self) -> None:
        settings = ClientSettings()
        people = People(settings)
        track = CustomAudioTrack(CustomAudioSource(16000, 1))
        settings.update_inputs({"microphone": {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}})
        before = people.local()
        playable = {"state": "playable", "subscribed": "unsubscribed", "track": {"id": track.id}}
        assert before["media"]["microphone"] == playable
        assert "permissions" not in before["info"]
        people.enter({"local": ME.as_seen_by(ME.session_id), ANN.session_id: ANN.as_seen_by(ME.session_id)})
        assert people.local_id == ME.session_id != before["id"]
        assert people.local()["media"]["microphone"] == playable
        silent = ME.permitted(Permissions(can_send=()).over(EVERYBODY))
        people.put(silent.as_seen_by(ME.session_id))
        assert people.local()["media"]["microphone"]["offReasons"] == ["sendPermission"]
        assert list(people.call_participants()) == ["local", ANN.session_id]
        people.leave()
        assert list(people.call_participants()) == ["local"]

    def test_news_are_told_once(self) -> None:
        settings = ClientSettings()
        people = People(settings)
        people.enter({"local": ME.as_seen_by(ME.session_id), ANN.session_id: ANN.as_seen_by(ME.session_id)})
        assert people.news(ANN.session_id) is not None
        assert people.news(ANN.session_id) is None
        settings.update_profiles({"base": {"microphone": "unsubscribed"}})
        assert [person["id"] for person in people.changed()] == [ANN.session_id]
        assert people.changed() == []


class TestEvents:
    def test_telephony_events_are_handed_on_without_what_is_of_daily_js(self) -> None:
        event = {"action": "dialout-error", "callClientId": "1", "sessionId": "x", "errorMsg": "Busy"}
        assert told(event) == ("on_dialout_error", {"sessionId": "x", "errorMsg": "Busy", "message": "Busy"})

    def test_events_of_one_field(self) -> None:
        assert told({"action": "dialin-ready", "sipEndpoint": "sip:a", "provider": "daily"}) == (
            "on_dialin_ready",
            "sip:a",
        )
        assert told({"action": "app-message", "data": 1, "fromId": "x"}) == ("on_app_message", 1, "x")

    def test_events_that_daily_python_does_not_have(self) -> None:
        assert told({"action": "meeting-session-updated", "meetingSession": {"id": "x"}}) is None
