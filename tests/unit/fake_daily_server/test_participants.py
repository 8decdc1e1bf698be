"""Participants that turn their tracks on and off, and that are muted by an administrator."""

from __future__ import annotations

from typing import Any

from fake_daily_server.media.permissions import receives_video
from fake_daily_server.values.participants import Participant

PLAYABLE = {"subscribed": True, "state": "playable"}
MUTED_REMOTELY = {"subscribed": False, "state": "off", "off": {"byRemoteRequest": True}}
TURNED_OFF = {"subscribed": False, "state": "off", "off": {"byUser": True}}


def tracks(who: Participant) -> tuple[Any, Any]:
    shown = who.as_seen_by(None)["tracks"]
    return shown["audio"], shown["video"]


def test_an_administrator_mutes_and_unmutes_a_call() -> None:
    call = Participant.telephony("sip-dial-in", "call", user_name="caller", video=True)
    watcher = Participant(session_id="watcher", user_id="w")
    assert tracks(call) == (PLAYABLE, PLAYABLE)
    muted = call.with_remote_mute(audio=False)
    assert tracks(muted) == (MUTED_REMOTELY, PLAYABLE)
    unseen = muted.with_remote_mute(video=False)
    assert tracks(unseen) == (MUTED_REMOTELY, MUTED_REMOTELY)
    assert receives_video(watcher, muted)
    assert not receives_video(watcher, unseen)
    assert tracks(unseen.with_remote_mute(audio=True)) == (PLAYABLE, MUTED_REMOTELY)
    assert unseen.with_remote_mute(audio=True, video=True) == call
    assert call.with_remote_mute(audio=True) == call, "the track was not muted"


def test_a_muted_client_turns_its_track_on_itself() -> None:
    client = Participant(session_id="client", user_id="c").with_own_tracks(audio=True, video=True)
    muted = client.with_remote_mute(audio=False)
    assert tracks(muted) == (MUTED_REMOTELY, PLAYABLE)
    assert tracks(muted.with_own_tracks(audio=False, video=True)) == (MUTED_REMOTELY, PLAYABLE), (
        "turning the microphone off keeps it muted"
    )
    assert tracks(muted.with_remote_mute(audio=True)) == (TURNED_OFF, PLAYABLE), (
        "the client decides itself whether to turn it on"
    )
    assert muted.with_own_tracks(audio=True, video=True) == client


def test_unmuting_a_track_that_was_not_muted_changes_nothing() -> None:
    client = Participant(session_id="client", user_id="c")
    assert client.with_remote_mute(audio=True, video=True) == client
