"""Callbacks of the module `daily`: their thread, and the participants and events that they receive."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from fake_daily_server.clients.python.daily._audio.custom_audio import CustomAudioSource, CustomAudioTrack
from fake_daily_server.clients.python.daily._call.event_callbacks import callback_of_event
from fake_daily_server.clients.python.daily._call.event_handler import EventHandler, is_event_handler
from fake_daily_server.clients.python.daily._call.participant_format import to_participant
from fake_daily_server.clients.python.daily._call.participants import CallParticipants
from fake_daily_server.clients.python.daily._settings.client_settings import ClientSettings
from fake_daily_server.clients.python.daily._threads.dispatcher import Dispatcher
from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, Participant, Permissions

ANN = Participant(session_id="3f2504e0-4f89-41d3-9a0c-0305e82c3301", user_id="ann", user_name="Ann", audio=True)
ME = Participant(session_id="3f2504e0-4f89-41d3-9a0c-0305e82c3302", user_id="me", owner=True)


class TestDispatcher:
    def test_callbacks_run_in_order_on_one_thread_of_their_own(self) -> None:
        dispatcher = Dispatcher()
        calls: list[tuple[int, int]] = []
        for number in range(100):
            dispatcher.post(lambda number: calls.append((number, threading.get_ident())), number)
        dispatcher.end()
        assert dispatcher.wait(5)
        assert [number for number, _ in calls] == list(range(100))
        assert {ident for _, ident in calls} != {threading.get_ident()}
        assert len({ident for _, ident in calls}) == 1

    def test_an_exception_in_a_callback_is_reported_and_the_next_callback_runs(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dispatcher = Dispatcher()
        calls: list[str] = []
        reported: list[Any] = []
        monkeypatch.setattr("sys.unraisablehook", reported.append)

        def fails() -> None:
            raise SystemExit("too bad")

        dispatcher.post(fails)
        dispatcher.post(calls.append, "next")
        dispatcher.end()
        assert dispatcher.wait(5)
        assert calls == ["next"]
        assert [str(report.exc_value) for report in reported] == ["too bad"]

    def test_is_this_thread_is_true_inside_a_callback_only(self) -> None:
        dispatcher, calls = Dispatcher(), []
        dispatcher.post(lambda: calls.append(dispatcher.is_this_thread()))
        dispatcher.end()
        assert dispatcher.wait(5)
        assert calls == [True]
        assert not dispatcher.is_this_thread()

    def test_no_thread_is_started_without_a_callback(self) -> None:
        before = threading.active_count()
        dispatcher = Dispatcher()
        dispatcher.end()
        assert dispatcher.wait(0)
        assert threading.active_count() == before


def test_handlers_are_recognized_by_their_base_class() -> None:
    theirs = type("EventHandler", (), {"__module__": "daily"})
    assert is_event_handler(type("Mine", (EventHandler,), {})())
    assert is_event_handler(type("Mine", (theirs,), {})())
    assert not is_event_handler(EventHandler)
    assert not is_event_handler(object())


class TestParticipants:
    def test_a_participant_with_a_microphone(self) -> None:
        shown = to_participant(ANN.as_seen_by(None), lambda medium: "subscribed")
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

    def test_an_unsubscribed_medium_is_receivable(self) -> None:
        shown = to_participant(ANN.as_seen_by(None), lambda medium: "unsubscribed")
        assert shown["media"]["microphone"] == {"state": "receivable", "subscribed": "unsubscribed"}

    def test_a_participant_without_permission_to_send_audio(self) -> None:
        mute = ANN.with_permissions(Permissions(canSend=("video",)).over(DEFAULT_PERMISSIONS))
        shown = to_participant(mute.as_seen_by(None))
        assert shown["info"]["permissions"]["canSend"] == ["camera"]
        assert shown["media"]["microphone"]["offReasons"] == ["sendPermission"]

    def test_user_name_is_absent_if_none_was_given(self) -> None:
        assert "userName" not in to_participant(ME.as_seen_by(ME.session_id))["info"]

    def test_the_local_participant_before_and_during_a_call(self) -> None:
        settings = ClientSettings()
        participants = CallParticipants(settings)
        track = CustomAudioTrack(CustomAudioSource(16000, 1))
        settings.update_inputs({"microphone": {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}})
        before = participants.local()
        playable = {"state": "playable", "subscribed": "unsubscribed", "track": {"id": track.id}}
        assert before["media"]["microphone"] == playable
        assert "permissions" not in before["info"]
        participants.enter({"local": ME.as_seen_by(ME.session_id), ANN.session_id: ANN.as_seen_by(ME.session_id)})
        assert participants.local_id == ME.session_id != before["id"]
        assert participants.local()["media"]["microphone"] == playable
        silent = ME.with_permissions(Permissions(canSend=()).over(DEFAULT_PERMISSIONS))
        participants.put(silent.as_seen_by(ME.session_id))
        assert participants.local()["media"]["microphone"]["offReasons"] == ["sendPermission"]
        assert list(participants.as_dict()) == ["local", ANN.session_id]
        participants.leave()
        assert list(participants.as_dict()) == ["local"]

    def test_each_change_is_reported_once(self) -> None:
        settings = ClientSettings()
        participants = CallParticipants(settings)
        participants.enter({"local": ME.as_seen_by(ME.session_id), ANN.session_id: ANN.as_seen_by(ME.session_id)})
        assert participants.take_change(ANN.session_id) is not None
        assert participants.take_change(ANN.session_id) is None
        settings.update_profiles({"base": {"microphone": "unsubscribed"}})
        assert [change["id"] for change in participants.take_changed()] == [ANN.session_id]
        assert participants.take_changed() == []


class TestEvents:
    def test_telephony_events_lose_the_fields_of_daily_js(self) -> None:
        event = {"action": "dialout-error", "callClientId": "1", "sessionId": "x", "errorMsg": "Busy"}
        assert callback_of_event(event) == (
            "on_dialout_error",
            {"sessionId": "x", "errorMsg": "Busy", "message": "Busy"},
        )

    def test_some_events_become_single_arguments(self) -> None:
        assert callback_of_event({"action": "dialin-ready", "sipEndpoint": "sip:a", "provider": "daily"}) == (
            "on_dialin_ready",
            "sip:a",
        )
        assert callback_of_event({"action": "app-message", "data": 1, "fromId": "x"}) == ("on_app_message", 1, "x")

    def test_an_event_without_a_callback_in_daily_python_is_ignored(self) -> None:
        assert callback_of_event({"action": "meeting-session-updated", "meetingSession": {"id": "x"}}) is None
