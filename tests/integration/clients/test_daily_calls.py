"""The module `daily` in rooms of a fake Daily: joining, telephony with phones, other participants, leaving."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from fake_daily_server.clients.python.daily import CallClient, CustomAudioSource, CustomAudioTrack
from fake_daily_server.clients.python.daily._client.call_client import clients_in_call
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.sync import SyncFakeDaily
from simulator.sync import SyncNetwork
from tests.daily_module_client import DailyClient

OFFICE = "+12065550142"
NOBODY = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.fixture
def room(sync_fake_daily: SyncFakeDaily) -> RoomHandle:
    sip = {"sip_mode": "dial-in", "display_name": "Caller"}
    return sync_fake_daily.create_room(enable_dialout=True, sip=sip)


@pytest.fixture
def bot() -> Iterator[DailyClient]:
    with DailyClient() as client:
        yield client


@pytest.fixture
def owner(bot: DailyClient, room: RoomHandle) -> DailyClient:
    bot.join(room.url, room.owner_token)
    return bot


class TestJoining:
    def test_callbacks_of_a_join_come_in_order(self, bot: DailyClient, room: RoomHandle) -> None:
        bot.client.set_user_name("Bot")
        data = bot.join(room.url, room.owner_token)
        bot.handler.wait_for("dialin_ready", lambda endpoint: endpoint == room.sip_uris[0])
        assert bot.handler.names() == [
            "participant_updated",
            "call_state_updated",
            "call_state_updated",
            "network_connection_status_updated",
            "participant_counts_updated",
            "join()",
            "dialin_ready",
        ]
        assert bot.handler.all("call_state_updated") == ["joining", "joined"]
        assert bot.handler.all("network_connection_status_updated") == [
            {"connection": "signalling", "event": "connected"}
        ]
        local = data["participants"]["local"]
        assert local == bot.client.participants()["local"]
        assert local["info"]["userName"] == "Bot"
        assert local["info"]["isOwner"]
        assert local["info"]["permissions"]["canAdmin"] == ["participants", "streaming", "transcription"]
        assert data["meetingSession"]["id"]
        assert bot.client.participant_counts() == {"present": 1, "hidden": 0}
        assert bot.handler.threads == {"daily callbacks"}

    def test_participants_who_joined_earlier_are_reported_after_the_join(
        self, sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle
    ) -> None:
        human = sync_fake_daily.join(room, user_name="Ann")
        data = bot.join(room.url)
        (participant,) = bot.handler.wait_for("participant_joined")
        assert participant["id"] == human.session_id
        assert participant["info"]["userName"] == "Ann"
        assert set(data["participants"]) == {"local"}
        assert set(bot.client.participants()) == {"local", human.session_id}
        names = bot.handler.names()
        assert names.index("join()") < names.index("participant_joined")

    def test_verbs_called_during_a_join_wait_for_it(self, bot: DailyClient, room: RoomHandle) -> None:
        joined = bot.begin("join", room.url, room.owner_token)
        dialled = bot.begin("start_dialout", {"phoneNumber": OFFICE})
        left = bot.begin("leave")
        assert joined.get(timeout=15)[1] is None
        assert dialled.get(timeout=15)[1] is None
        assert left.get(timeout=15) == (None,)
        assert bot.handler.all("call_state_updated") == ["joining", "joined", "leaving", "left"]

    def test_a_second_join_is_refused_and_the_call_goes_on(self, owner: DailyClient, room: RoomHandle) -> None:
        assert owner.ask("join", room.url) == (None, "Call(CallState(AlreadyInCall))")
        assert owner.ask("send_app_message", "still here") == (None,)

    def test_a_client_can_join_again_after_leaving(self, owner: DailyClient, room: RoomHandle) -> None:
        first = owner.session_id
        assert owner.ask("leave") == (None,)
        assert owner.ask("start_dialout", {"phoneNumber": OFFICE}) == (None, "Dialout(CallState(NotInACall))")
        owner.join(room.url, room.owner_token)
        assert owner.session_id != first

    @pytest.mark.parametrize(
        ("url", "error"),
        [
            ("foo", 'Failed to parse url: InvalidUrl("foo", RelativeUrlWithoutBase)'),
            ("http://127.0.0.1:9/room", "Connection(Api(RoomLookup(RoomInfoFetchFailed(Get("),
            (
                "https://acme.daily.co/room",
                "Connection(Api(RoomLookup(RoomInfoFetchFailed(Get(https://acme.daily.co/room is not on this machine; ",
            ),
        ],
    )
    def test_joining_a_room_that_cannot_be_reached_fails(self, bot: DailyClient, url: str, error: str) -> None:
        data, text = bot.ask("join", url)
        assert data is None
        assert text.startswith(error)
        bot.handler.wait_for("error", lambda message: message == f"Error handling join: {text}")

    def test_a_refused_join_fails_and_the_client_can_join_another_time(
        self, sync_fake_daily: SyncFakeDaily, bot: DailyClient
    ) -> None:
        room = sync_fake_daily.create_room(privacy="private")
        data, text = bot.ask("join", room.url)
        assert data is None
        assert text.startswith("Connection(Api(RoomLookup(RoomInfoError(not-allowed: ")
        bot.handler.wait_for("error", lambda message: message.startswith("Error handling join"))
        assert bot.handler.names() == [
            "call_state_updated",
            "error",
            "call_state_updated",
            "call_state_updated",
            "join()",
            "error",
        ]
        assert bot.handler.all("call_state_updated") == ["joining", "leaving", "left"]
        bot.join(room.url, room.owner_token)


class TestTelephony:
    def test_dial_out_with_digits_in_both_directions(self, owner: DailyClient, sync_phone_network: SyncNetwork) -> None:
        office = sync_phone_network.phone(OFFICE, calls=[{"then": "answer"}])
        session_id = owner.dial({"phoneNumber": office.number, "displayName": "Office"})
        (connected,) = owner.handler.wait_for("dialout_connected")
        assert connected["sessionId"] == session_id
        assert not {"action", "callClientId"} & set(connected)
        owner.handler.wait_for("dialout_answered")
        (participant,) = owner.handler.wait_for("participant_joined")
        assert participant["id"] == session_id
        assert participant["info"]["userName"] == "Office"
        assert participant["media"]["microphone"] == {"state": "playable", "subscribed": "subscribed"}

        call = office.wait_for_call()
        call.press("5")
        assert owner.handler.wait_for("dtmf_event")[0]["tone"] == "5"
        assert owner.ask("send_dtmf", {"sessionId": session_id, "tones": "12#"}) == (None,)
        call.wait_for_digits("12#")

        assert owner.ask("stop_dialout", session_id) == (None,)
        assert owner.handler.wait_for("participant_left", lambda participant, reason: participant["id"] == session_id)
        assert owner.handler.wait_for("dialout_stopped")[0]["sessionId"] == session_id

    def test_a_busy_phone_causes_on_dialout_error(self, owner: DailyClient, sync_phone_network: SyncNetwork) -> None:
        sync_phone_network.phone(OFFICE, calls=["busy"])
        owner.dial({"phoneNumber": OFFICE})
        (failure,) = owner.handler.wait_for("dialout_error")
        assert "Busy" in failure["message"]
        assert failure["message"] == failure["errorMsg"]

    def test_a_refused_dial_out_causes_no_on_dialout_error(
        self, sync_fake_daily: SyncFakeDaily, bot: DailyClient
    ) -> None:
        room = sync_fake_daily.create_room()
        bot.join(room.url, room.owner_token)
        session_id, error = bot.ask("start_dialout", {"phoneNumber": OFFICE})
        assert session_id is None
        assert error.startswith("Dialout(Properties(UnknownCallClientError)): ")
        assert "enable_dialout" in error
        bot.handler.wait_for("error", lambda message: message == f"Error handling startDialout: {error}")
        assert "dialout_error" not in bot.handler.names()

    def test_dial_in(self, owner: DailyClient, sync_phone_network: SyncNetwork) -> None:
        (endpoint,) = owner.handler.wait_for("dialin_ready")
        call = sync_phone_network.phone("+12065550199").dial(endpoint)
        (connected,) = owner.handler.wait_for("dialin_connected")
        assert {"sessionId", "sipFrom", "sipHeaders"} <= set(connected)
        call.hang_up()
        owner.handler.wait_for("dialin_stopped")

    def test_transfer_and_refer(self, owner: DailyClient, sync_phone_network: SyncNetwork) -> None:
        office = sync_phone_network.phone(OFFICE, calls=["answer"])
        agent = sync_phone_network.phone("+12065550143", calls=["answer"])
        session_id = owner.dial({"phoneNumber": office.number})
        owner.handler.wait_for("dialout_answered")
        assert owner.ask("sip_call_transfer", {"sessionId": session_id, "toEndPoint": agent.number}) == (None,)
        agent.wait_for_call()
        (error,) = owner.ask("sip_refer", {"sessionId": NOBODY, "toEndPoint": "sip:agent@127.0.0.1"})
        assert error.startswith("Sip(Properties(UnknownCallClientError)): ")

    def test_invalid_settings_have_the_error_text_of_daily_python(self, owner: DailyClient) -> None:
        _, error = owner.ask("start_dialout", {"displayName": "nobody to call"})
        assert error == (
            "Dialout settings are not valid: JsonApiError { message: "
            '"data did not match any variant of untagged enum DailyStartDialoutProperties" }'
        )
        (error,) = owner.ask("send_dtmf", {"tones": "1"})
        assert error == 'Send DTMF settings are not valid: JsonApiError { message: "missing field `sessionId`" }'

    def test_settings_are_copied_when_the_verb_is_called(
        self, owner: DailyClient, sync_phone_network: SyncNetwork
    ) -> None:
        sync_phone_network.phone(OFFICE, calls=["answer"])
        settings = {"phoneNumber": OFFICE}
        dialled = owner.begin("start_dialout", settings)
        settings["phoneNumber"] = "nonsense"
        assert dialled.get(timeout=15)[1] is None


class TestParticipants:
    def test_participants_join_change_and_leave(
        self, sync_fake_daily: SyncFakeDaily, owner: DailyClient, room: RoomHandle
    ) -> None:
        human = sync_fake_daily.join(room, user_name="Ann")
        assert owner.handler.wait_for("participant_joined")[0]["info"]["userName"] == "Ann"
        human.set_user_name("Anna")
        assert owner.handler.wait_for("participant_updated")[0]["info"]["userName"] == "Anna"
        assert owner.client.participants()[human.session_id]["info"]["userName"] == "Anna"
        human.leave()
        participant, reason = owner.handler.wait_for("participant_left")
        assert (participant["id"], reason) == (human.session_id, "leftCall")
        owner.handler.wait_for(
            "participant_counts_updated", lambda counts: counts["present"] == 1, after=len(owner.handler.callbacks) - 2
        )
        assert set(owner.client.participants()) == {"local"}

    def test_the_active_speaker_is_reported(self, owner: DailyClient, sync_phone_network: SyncNetwork) -> None:
        office = sync_phone_network.phone(OFFICE, calls=["answer"])
        assert owner.client.active_speaker() is None
        session_id = owner.dial({"phoneNumber": OFFICE})
        owner.client.set_audio_renderer(session_id, lambda _participant, _audio, _source: None)
        owner.handler.wait_for("dialout_answered")
        office.wait_for_call().say("I am the one who speaks")
        (speaker,) = owner.handler.wait_for("active_speaker_changed")
        assert speaker["id"] == session_id == owner.client.active_speaker()["id"]

    def test_app_messages_and_chat_messages(
        self, sync_fake_daily: SyncFakeDaily, owner: DailyClient, room: RoomHandle
    ) -> None:
        human = sync_fake_daily.join(room)
        human.send_app_message({"to": "the bot"})
        assert owner.handler.wait_for("app_message") == ({"to": "the bot"}, human.session_id)
        assert owner.ask("send_app_message", ("a", 1), human.session_id) == (None,)
        assert human.wait_for("app-message")["data"] == ["a", 1]
        assert owner.ask("send_prebuilt_chat_message", "hello", "Bot") == (None,)
        chat = human.wait_for("app-message")["data"]
        assert (chat["event"], chat["message"], chat["name"]) == ("chat-msg", "hello", "Bot")
        with pytest.raises(ValueError, match="invalid app message 'None'"):
            owner.client.send_app_message(None)
        with pytest.raises(ValueError, match="invalid participant ID 'Ann'"):
            owner.client.send_app_message("hi", "Ann")

    def test_custom_tracks_appear_and_disappear(self, owner: DailyClient, room: RoomHandle) -> None:
        with DailyClient() as other:
            other.join(room.url)
            owner.handler.wait_for("participant_joined")
            track = CustomAudioTrack(CustomAudioSource(16000, 1))
            assert other.ask("add_custom_audio_track", "music", track) == (None,)
            (person,) = owner.handler.wait_for(
                "participant_updated", lambda person: "music" in person["media"]["customAudio"]
            )
            assert person["media"]["customAudio"]["music"] == {"state": "playable", "subscribed": "subscribed"}
            assert other.ask("remove_custom_audio_track", "music") == (None,)
            owner.handler.wait_for(
                "participant_updated",
                lambda person: not person["media"]["customAudio"],
                after=owner.handler.callbacks.index(("participant_updated", person)),
            )

    def test_an_owner_mutes_a_call(self, owner: DailyClient, sync_phone_network: SyncNetwork) -> None:
        sync_phone_network.phone(OFFICE, calls=["answer"])
        session_id = owner.dial({"phoneNumber": OFFICE})
        owner.handler.wait_for("dialout_answered")
        muted = {session_id: {"inputsEnabled": {"microphone": False}}}
        assert owner.ask("update_remote_participants", muted) == (None,)
        off = {"state": "off", "offReasons": ["remoteMute"], "subscribed": "subscribed"}
        owner.handler.wait_for("participant_updated", lambda participant: participant["media"]["microphone"] == off)

    def test_an_owner_mutes_a_client_which_unmutes_itself(self, owner: DailyClient, room: RoomHandle) -> None:
        with DailyClient() as other:
            other.join(room.url, client_settings={"inputs": {"microphone": True}})
            owner.handler.wait_for(
                "participant_updated", lambda person: person["media"]["microphone"]["state"] == "playable"
            )
            muted = {other.session_id: {"inputsEnabled": {"microphone": False}}}
            assert owner.ask("update_remote_participants", muted) == (None,)
            other.handler.wait_for("inputs_updated", lambda inputs: not inputs["microphone"]["isEnabled"])
            assert other.ask("update_inputs", {"microphone": True}) == (None,)
            assert other.client.inputs()["microphone"]["isEnabled"]
            before = len(owner.handler.callbacks)
            other.client.set_user_name("I speak again")
            owner.handler.wait_for(
                "participant_updated",
                lambda person: (
                    person["info"].get("userName") == "I speak again"
                    and person["media"]["microphone"]["state"] == "playable"
                ),
                after=before,
            )
            assert other.client.inputs()["microphone"]["isEnabled"]

    def test_an_owner_changes_permissions_and_ejects(self, owner: DailyClient, room: RoomHandle) -> None:
        with DailyClient() as other:
            other.join(room.url)
            allowed = {other.session_id: {"permissions": {"canSend": ["microphone"], "canAdmin": ["participants"]}}}
            assert owner.ask("update_remote_participants", allowed) == (None,)
            (local,) = other.handler.wait_for("participant_updated")
            assert local["info"]["permissions"]["canSend"] == ["microphone"]
            assert local["info"]["permissions"]["canAdmin"] == ["participants"]
            assert owner.ask("eject_remote_participants", [other.session_id]) == (None,)
            other.handler.wait_for("call_state_updated", lambda state: state == "left")
            assert other.handler.names("participant_updated")[-3:] == [
                "error",
                "call_state_updated",
                "call_state_updated",
            ]
            assert other.ask("send_app_message", "x") == ("AppMessage(Signalling(ChannelNotOpen))",)

    def test_an_ejection_of_several_participants_is_complete_before_the_next_verb(
        self, sync_fake_daily: SyncFakeDaily, owner: DailyClient, room: RoomHandle
    ) -> None:
        others = [sync_fake_daily.join(room, user_name=name).session_id for name in ("Ann", "Bob")]
        ejected, left = owner.begin("eject_remote_participants", others), owner.begin("leave")
        assert ejected.get(timeout=15) == (None,)
        assert left.get(timeout=15) == (None,)
        sync_fake_daily.wait_until_empty(room)

    def test_update_permissions_waits_for_an_earlier_join(self, bot: DailyClient, room: RoomHandle) -> None:
        joined = bot.begin("join", room.url, room.owner_token)
        changed = bot.begin("update_permissions", {"canSend": ["microphone"]})
        assert joined.get(timeout=15)[1] is None
        assert changed.get(timeout=15) == (None,)

    def test_set_user_name_is_complete_before_the_next_verb(self, bot: DailyClient, room: RoomHandle) -> None:
        joined = bot.begin("join", room.url, room.owner_token)
        bot.client.set_user_name("Bot")
        left = bot.begin("leave")
        assert joined.get(timeout=15)[1] is None
        assert left.get(timeout=15) == (None,)
        bot.client.release()
        assert bot.handler.all("error") == []

    def test_a_chat_message_has_the_name_that_was_set_before_it(
        self, sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle
    ) -> None:
        human = sync_fake_daily.join(room)
        bot.begin("join", room.url)
        bot.client.set_user_name("Bot")
        assert bot.ask("send_prebuilt_chat_message", "hello") == (None,)
        assert human.wait_for("app-message")["data"]["name"] == "Bot"

    def test_a_participant_without_owner_rights_cannot_eject(
        self, sync_fake_daily: SyncFakeDaily, bot: DailyClient, room: RoomHandle
    ) -> None:
        human = sync_fake_daily.join(room)
        bot.join(room.url)
        (error,) = bot.ask("eject_remote_participants", [human.session_id])
        assert error.startswith("RemoteParticipants(Properties(")

    def test_two_clients_see_each_other(self, owner: DailyClient, room: RoomHandle) -> None:
        with DailyClient() as other:
            other.join(room.url)
            owner.handler.wait_for("participant_joined", lambda participant: participant["id"] == other.session_id)
            other.handler.wait_for("participant_joined", lambda participant: participant["id"] == owner.session_id)
        owner.handler.wait_for("participant_left")


class TestServices:
    @pytest.mark.parametrize(
        ("verb", "answer"),
        [
            ("start_recording", (None, "Recording(Properties(RecordingNotEnabled))")),
            ("stop_live_stream", ("LiveStream(Properties(LiveStreamNotEnabled))",)),
            ("start_transcription", ("Transcription(Properties(UnknownCallClientError))",)),
        ],
    )
    def test_recording_streaming_and_transcription_fail_as_not_enabled(
        self, owner: DailyClient, verb: str, answer: tuple[str | None, ...]
    ) -> None:
        assert owner.ask(verb) == answer


class TestRelease:
    def test_release_leaves_the_room(
        self, sync_fake_daily: SyncFakeDaily, owner: DailyClient, room: RoomHandle
    ) -> None:
        human = sync_fake_daily.join(room)
        me = owner.session_id
        owner.client.release()
        human.wait_for("participant-left", where={"participant.session_id": me})
        assert owner.handler.all("call_state_updated")[-2:] == ["leaving", "left"]

    def test_a_release_after_leaving_leaves_once(self, owner: DailyClient) -> None:
        owner.begin("leave")
        owner.client.release()
        assert owner.handler.names("dialin_ready")[-3:] == ["call_state_updated", "call_state_updated", "leave()"]
        assert owner.handler.all("call_state_updated") == ["joining", "joined", "leaving", "left"]

    def test_release_waits_for_callbacks(self, bot: DailyClient) -> None:
        called: list[str] = []
        may_go_on = threading.Event()

        def slow(_error: str | None) -> None:
            may_go_on.wait(15)
            called.append("slow")

        bot.client.update_inputs({"microphone": True}, completion=slow)
        bot.client.update_inputs({"microphone": False}, completion=lambda _error: called.append("second"))
        threading.Timer(0.05, may_go_on.set).start()
        bot.client.release()
        assert called == ["slow", "second"]

    def test_release_waits_for_renderers(self, owner: DailyClient, room: RoomHandle) -> None:
        track = CustomAudioTrack(CustomAudioSource(16000, 1))
        microphone = {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}
        called, may_go_on, returned = threading.Event(), threading.Event(), threading.Event()

        def slow(*_: object) -> None:
            called.set()
            may_go_on.wait(15)
            returned.set()

        with DailyClient() as other:
            other.join(room.url, client_settings={"inputs": {"microphone": microphone}})
            owner.client.set_audio_renderer(other.session_id, slow)
            assert called.wait(15)
            threading.Timer(0.3, may_go_on.set).start()
            owner.client.release()
            assert returned.is_set()

    def test_release_inside_a_renderer_returns(self, owner: DailyClient, room: RoomHandle) -> None:
        track = CustomAudioTrack(CustomAudioSource(16000, 1))
        microphone = {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}
        released = threading.Event()

        def release(*_: object) -> None:
            owner.client.release()
            released.set()

        with DailyClient() as other:
            other.join(room.url, client_settings={"inputs": {"microphone": microphone}})
            owner.client.set_audio_renderer(other.session_id, release)
            assert released.wait(15)

    def test_release_inside_a_callback_returns(self, owner: DailyClient) -> None:
        released = threading.Event()

        def release(_error: str | None) -> None:
            owner.client.release()
            released.set()

        owner.client.send_app_message("bye", completion=release)
        assert released.wait(15)
        owner.handler.wait_for("call_state_updated", lambda state: state == "left")

    def test_the_second_of_two_concurrent_releases_is_refused(self, owner: DailyClient) -> None:
        second_was_called = threading.Event()
        owner.client._loop.call_soon_threadsafe(second_was_called.wait, 15)
        owner.client._release(wait=False)
        with pytest.raises(RuntimeError, match="this object has already been released"):
            owner.client._release(wait=True)
        second_was_called.set()
        owner.handler.wait_for("call_state_updated", lambda state: state == "left")

    def test_verbs_of_a_released_client_raise(self, bot: DailyClient) -> None:
        bot.client.release()
        for verb in ("release", "participants", "inputs", "leave", "active_speaker", "get_network_stats"):
            with pytest.raises(RuntimeError, match="this object has already been released"):
                getattr(bot.client, verb)()

    def test_an_ejection_does_not_end_a_later_call(
        self, sync_fake_daily: SyncFakeDaily, owner: DailyClient, room: RoomHandle
    ) -> None:
        host, another = sync_fake_daily.join(room, owner=True), sync_fake_daily.create_room()
        ejected = threading.Event()
        owner.client._loop.call_soon_threadsafe(ejected.wait, 15)
        left, joined = owner.begin("leave"), owner.begin("join", another.url)
        host.eject(owner.session_id)
        ejected.set()
        assert left.get(timeout=15) == (None,)
        assert joined.get(timeout=15)[1] is None
        assert owner.ask("send_app_message", "still here") == (None,)
        owner.client.release()
        assert owner.handler.all("error") == []

    def test_a_client_that_is_garbage_collected_leaves(self, sync_fake_daily: SyncFakeDaily, room: RoomHandle) -> None:
        human = sync_fake_daily.join(room)
        joined = threading.Event()
        client = CallClient()
        client.join(room.url, completion=lambda _data, _error: joined.set())
        assert joined.wait(15)
        del client
        gc.collect()
        human.wait_for("participant-left")

    def test_clients_in_call_lists_joined_clients(self, bot: DailyClient, room: RoomHandle) -> None:
        before = clients_in_call()
        bot.join(room.url)
        assert [client for client in clients_in_call() if client not in before] == [bot.client]
        bot.ask("leave")
        assert bot.client not in clients_in_call()

    def test_a_reset_of_the_server_ends_the_call(
        self, bot: DailyClient, room: RoomHandle, sync_fake_daily: SyncFakeDaily
    ) -> None:
        bot.join(room.url)
        sync_fake_daily.reset()
        bot.handler.wait_for("call_state_updated", lambda state: state == "left")
