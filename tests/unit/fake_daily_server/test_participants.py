"""Participants whose tracks are turned on and off, by themselves and by others."""

from __future__ import annotations

from typing import Any

from fake_daily_server.media.permissions import receives_video
from fake_daily_server.values.participants import Participant

PLAYABLE = {"subscribed": True, "state": "playable"}
BY_OTHERS = {"subscribed": False, "state": "off", "off": {"byRemoteRequest": True}}
BY_ITSELF = {"subscribed": False, "state": "off", "off": {"byUser": True}}


def tracks(who: Participant) -> tuple[Any, Any]:
    shown = who.as_seen_by(None)["tracks"]
    return shown["audio"], shown["video"]


def test_an_administrator_turns_tracks_off_and_allows_them_again() -> None:
    call = Participant.telephony("sip-dial-in", "call", user_name="caller", video=True)
    watcher = Participant(session_id="watcher", user_id="w")
    assert tracks(call) == (PLAYABLE, PLAYABLE)
    muted = call.turned(audio=False)
    assert tracks(muted) == (BY_OTHERS, PLAYABLE)
    unseen = muted.turned(video=False)
    assert tracks(unseen) == (BY_OTHERS, BY_OTHERS)
    assert receives_video(watcher, muted)
    assert not receives_video(watcher, unseen)
    assert tracks(unseen.turned(audio=True)) == (PLAYABLE, BY_OTHERS)
    assert unseen.turned(audio=True, video=True) == call
    assert call.turned(audio=True) == call, "it was not off"


def test_a_client_turns_itself_on_again() -> None:
    client = Participant(session_id="client", user_id="c").sending(audio=True, video=True)
    muted = client.turned(audio=False)
    assert tracks(muted) == (BY_OTHERS, PLAYABLE)
    assert tracks(muted.sending(audio=False, video=True)) == (BY_OTHERS, PLAYABLE), "it has muted itself as it was told"
    assert tracks(muted.turned(audio=True)) == (BY_ITSELF, PLAYABLE), "it may, and decides for itself"
    assert muted.sending(audio=True, video=True) == client


def test_who_was_off_is_not_turned_on_by_others() -> None:
    client = Participant(session_id="client", user_id="c")
    assert client.turned(audio=True, video=True) == client
