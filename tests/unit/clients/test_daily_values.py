"""Arguments, URLs and settings of the module `daily`, as measured on daily-python 0.36."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.clients.python.daily._native.arguments import plain, text
from fake_daily_server.clients.python.daily._native.errors import JsonApiError, VerbError
from fake_daily_server.clients.python.daily._native.fields import Field, read
from fake_daily_server.clients.python.daily._native.meeting_url import checked, refuse_other_machines
from fake_daily_server.clients.python.daily._settings.client_settings import ClientSettings
from fake_daily_server.clients.python.daily._settings.subscriptions import participant_changes

ANN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
BOB = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"


class Seat(int):
    """A number of a type of its own."""


@pytest.mark.parametrize(
    ("value", "copied"),
    [
        ((1, {2}), [1, [2]]),
        ({"a": {"b": None}}, {"a": {"b": None}}),
        (float("nan"), None),
        (float("inf"), None),
        (2**64 - 1, 2**64 - 1),
        (Seat(5), 5),
        (True, True),
    ],
)
def test_values_become_json(value: Any, copied: Any) -> None:
    assert plain(value) == copied
    assert plain(value) is not value or not isinstance(value, list | dict)


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (object(), TypeError, "unsupported type object"),
        ({1: 2}, TypeError, "unexpected type: 'int' object is not an instance of 'str'"),
        (b"x", Exception, "invalid type: byte array, expected any valid JSON value"),
        (2**64, Exception, "JSON number out of range"),
        (-(2**63) - 1, Exception, "JSON number out of range"),
    ],
)
def test_values_that_are_no_json(value: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as refused:
        plain([{"a": value}])
    assert type(refused.value) is kind
    assert str(refused.value) == said


def test_texts() -> None:
    assert text("x") == "x"
    with pytest.raises(TypeError, match=r"^'int' object is not an instance of 'str'$"):
        text(5)
    with pytest.raises(TypeError, match=r"^'None' is not an instance of 'str'$"):
        text(None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:7880/room", "https://acme.daily.co/room", "ws://[::1]:1/room"])
def test_room_urls(url: str) -> None:
    assert checked(url) == url


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "RelativeUrlWithoutBase"),
        ("room", "RelativeUrlWithoutBase"),
        ("http://", "EmptyHost"),
        ("http://@/room", "EmptyHost"),
        ("http://a:x/room", "InvalidPort"),
        ("http://[::1/room", "InvalidIpv6Address"),
    ],
)
def test_texts_that_are_no_urls(url: str, problem: str) -> None:
    with pytest.raises(VerbError) as refused:
        checked(url)
    assert str(refused.value) == f'Failed to parse url: InvalidUrl("{url}", {problem})'


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost", "sim.localhost", "sim.test"])
def test_hosts_that_a_client_may_speak_with(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_API_URL", "http://sim.test:7880/v1")
    refuse_other_machines(f"http://{host}:7880/room")


@pytest.mark.parametrize("host", ["acme.daily.co", "192.0.2.1", "localhost.example.com", "api.daily.co"])
def test_hosts_that_it_may_not_speak_with(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_API_URL", "https://api.daily.co/v1")
    with pytest.raises(ConnectionError, match="is not on this machine"):
        refuse_other_machines(f"https://{host}/room")


def test_fields_are_read_in_the_order_given_and_others_are_left_out() -> None:
    fields = {"tones": Field(required=True), "duration": Field("u32")}
    assert read({"tones": "1", "duration": None, "unknown": object()}, "Tones", fields) == {"tones": "1"}
    with pytest.raises(JsonApiError) as refused:
        read({"duration": True}, "Tones", fields)
    assert str(refused.value) == 'JsonApiError { message: "invalid type: boolean `true`, expected u32" }'


def test_an_error_within_an_error_is_quoted_twice() -> None:
    settings = ClientSettings()
    with pytest.raises(VerbError) as refused:
        settings.update_inputs({"microphone": {"settings": {"foo": 1}}})
    assert str(refused.value) == (
        'Input settings were not valid: JsonApiError { message: "Invalid settings object JsonApiError { message: '
        '\\"Object contains unknown keys: [\\\\\\"foo\\\\\\"]. '
        'Allowed keys: [\\\\\\"deviceId\\\\\\", \\\\\\"customConstraints\\\\\\"]\\" }" }'
    )


class TestSubscriptions:
    @pytest.fixture
    def settings(self) -> ClientSettings:
        return ClientSettings()

    def test_everybody_is_received_at_first(self, settings: ClientSettings) -> None:
        assert settings.subscriptions.of(ANN, "microphone") == "subscribed"
        assert settings.subscriptions.of(ANN, "a track of her own") == "subscribed"

    def test_a_profile_counts_at_once_and_for_everybody(self, settings: ClientSettings) -> None:
        settings.update_profiles({"base": {"camera": "unsubscribed", "customAudio": {"*": "staged"}}})
        assert settings.subscriptions.of(ANN, "camera") == "unsubscribed"
        assert settings.subscriptions.of(ANN, "microphone") == "subscribed"
        assert settings.subscriptions.of(ANN, "music") == "staged"

    def test_what_is_said_of_one_goes_before_the_profile(self, settings: ClientSettings) -> None:
        settings.update_subscriptions({ANN: {"media": {"microphone": "unsubscribed"}}}, None)
        settings.update_profiles({"base": {"camera": "unsubscribed"}})
        assert settings.subscriptions.of(ANN, "microphone") == "unsubscribed"
        assert settings.subscriptions.of(ANN, "camera") == "unsubscribed"
        assert settings.subscriptions.of(BOB, "microphone") == "subscribed"
        settings.update_subscriptions({ANN: "fromDefaults"}, None)
        assert settings.subscriptions.of(ANN, "microphone") == "subscribed"

    def test_profiles_of_participants(self, settings: ClientSettings) -> None:
        settings.update_profiles({"quiet": {"microphone": "unsubscribed"}})
        settings.update_subscriptions({ANN: {"profile": "quiet"}}, None)
        assert settings.subscriptions.of(ANN, "microphone") == "unsubscribed"
        settings.update_subscriptions(None, {"quiet": {"profile": "base"}})
        assert settings.subscriptions.of(ANN, "microphone") == "subscribed"
        assert settings.subscriptions.shown()[ANN]["profile"] == "base"

    def test_a_wrong_update_changes_nothing(self, settings: ClientSettings) -> None:
        before = settings.subscriptions.shown()
        with pytest.raises(VerbError, match="UnknownProfilesInParticipantSettings"):
            settings.update_subscriptions({ANN: "unsubscribed", BOB: {"profile": "x"}}, None)
        assert settings.subscriptions.shown() == before

    def test_participants_are_meant_by_their_ids(self) -> None:
        with pytest.raises(JsonApiError, match="Ann is not a valid participant ID"):
            participant_changes({"Ann": "subscribed"})


def test_tracks_of_ones_own_have_names() -> None:
    settings = ClientSettings()
    settings.put_track("customAudio", "music", "1", new=True)
    with pytest.raises(VerbError, match=r'^Inputs\(TrackNameAlreadyInUse\("music"\)\)$'):
        settings.put_track("customAudio", "music", "2", new=True)
    assert settings.put_track("customAudio", "music", "1", new=False) == []
    assert settings.inputs["customAudio"]["music"]["settings"] == {"customTrack": {"id": "1"}}
    settings.remove_track("customAudio", "music")
    assert settings.remove_track("customAudio", "music") == []
    assert settings.inputs["customAudio"] == {}
