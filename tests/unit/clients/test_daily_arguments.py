"""Arguments, URLs and settings of the module `daily`, with the behaviour measured on daily-python 0.36."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.clients.python.daily._native.arguments import json_copy, string
from fake_daily_server.clients.python.daily._native.errors import JsonApiError, VerbError
from fake_daily_server.clients.python.daily._native.fields import Field, read_fields
from fake_daily_server.clients.python.daily._native.meeting_url import check_host, check_url
from fake_daily_server.clients.python.daily._settings.client_settings import ClientSettings
from fake_daily_server.clients.python.daily._settings.subscriptions import participant_changes

ANN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
BOB = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"


class Number(int):
    """A subclass of int."""


@pytest.mark.parametrize(
    ("value", "copied"),
    [
        ((1, {2}), [1, [2]]),
        ({"a": {"b": None}}, {"a": {"b": None}}),
        (float("nan"), None),
        (float("inf"), None),
        (2**64 - 1, 2**64 - 1),
        (Number(5), 5),
        (True, True),
    ],
)
def test_arguments_are_copied_as_json(value: Any, copied: Any) -> None:
    assert json_copy(value) == copied
    assert json_copy(value) is not value or not isinstance(value, list | dict)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (object(), TypeError, "unsupported type object"),
        ({1: 2}, TypeError, "unexpected type: 'int' object is not an instance of 'str'"),
        (b"x", Exception, "invalid type: byte array, expected any valid JSON value"),
        (2**64, Exception, "JSON number out of range"),
        (-(2**63) - 1, Exception, "JSON number out of range"),
    ],
)
def test_arguments_that_are_not_json_are_refused(value: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as refused:
        json_copy([{"a": value}])
    assert type(refused.value) is kind
    assert str(refused.value) == message


def test_string_arguments_must_be_strings() -> None:
    assert string("x") == "x"
    with pytest.raises(TypeError, match=r"^'int' object is not an instance of 'str'$"):
        string(5)
    with pytest.raises(TypeError, match=r"^'None' is not an instance of 'str'$"):
        string(None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:7880/room", "https://acme.daily.co/room", "ws://[::1]:1/room"])
def test_valid_meeting_urls(url: str) -> None:
    check_url(url)


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
def test_malformed_urls_are_refused_with_the_text_of_daily_python(url: str, problem: str) -> None:
    with pytest.raises(VerbError) as refused:
        check_url(url)
    assert str(refused.value) == f'Failed to parse url: InvalidUrl("{url}", {problem})'


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost", "sim.localhost", "sim.test"])
def test_loopback_and_the_host_of_daily_api_url_are_allowed(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_API_URL", "http://sim.test:7880/v1")
    check_host(f"http://{host}:7880/room")


@pytest.mark.parametrize("host", ["acme.daily.co", "192.0.2.1", "localhost.example.com", "api.daily.co"])
def test_other_hosts_and_those_of_daily_are_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_API_URL", "https://api.daily.co/v1")
    with pytest.raises(ConnectionError, match="is not on this machine"):
        check_host(f"https://{host}/room")


def test_known_fields_are_checked_and_others_ignored() -> None:
    fields = {"tones": Field(required=True), "duration": Field("u32")}
    assert read_fields({"tones": "1", "duration": None, "unknown": object()}, "Tones", fields) == {"tones": "1"}
    with pytest.raises(JsonApiError) as refused:
        read_fields({"duration": True}, "Tones", fields)
    assert str(refused.value) == 'JsonApiError { message: "invalid type: boolean `true`, expected u32" }'


def test_nested_errors_are_quoted_twice() -> None:
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

    def test_every_participant_is_subscribed_to_by_default(self, settings: ClientSettings) -> None:
        assert settings.subscriptions.of(ANN, "microphone") == "subscribed"
        assert settings.subscriptions.of(ANN, "a track of her own") == "subscribed"

    def test_a_profile_applies_at_once_to_all_participants_without_another(self, settings: ClientSettings) -> None:
        settings.update_profiles({"base": {"camera": "unsubscribed", "customAudio": {"*": "staged"}}})
        assert settings.subscriptions.of(ANN, "camera") == "unsubscribed"
        assert settings.subscriptions.of(ANN, "microphone") == "subscribed"
        assert settings.subscriptions.of(ANN, "music") == "staged"

    def test_settings_of_a_participant_override_the_profile(self, settings: ClientSettings) -> None:
        settings.update_subscriptions({ANN: {"media": {"microphone": "unsubscribed"}}}, None)
        settings.update_profiles({"base": {"camera": "unsubscribed"}})
        assert settings.subscriptions.of(ANN, "microphone") == "unsubscribed"
        assert settings.subscriptions.of(ANN, "camera") == "unsubscribed"
        assert settings.subscriptions.of(BOB, "microphone") == "subscribed"
        settings.update_subscriptions({ANN: "fromDefaults"}, None)
        assert settings.subscriptions.of(ANN, "microphone") == "subscribed"

    def test_participants_can_be_given_a_profile(self, settings: ClientSettings) -> None:
        settings.update_profiles({"quiet": {"microphone": "unsubscribed"}})
        settings.update_subscriptions({ANN: {"profile": "quiet"}}, None)
        assert settings.subscriptions.of(ANN, "microphone") == "unsubscribed"
        settings.update_subscriptions(None, {"quiet": {"profile": "base"}})
        assert settings.subscriptions.of(ANN, "microphone") == "subscribed"
        assert settings.subscriptions.as_dict()[ANN]["profile"] == "base"

    def test_an_invalid_update_changes_nothing(self, settings: ClientSettings) -> None:
        before = settings.subscriptions.as_dict()
        with pytest.raises(VerbError, match="UnknownProfilesInParticipantSettings"):
            settings.update_subscriptions({ANN: "unsubscribed", BOB: {"profile": "x"}}, None)
        assert settings.subscriptions.as_dict() == before

    def test_participants_are_identified_by_uuid(self) -> None:
        with pytest.raises(JsonApiError, match="Ann is not a valid participant ID"):
            participant_changes({"Ann": "subscribed"})


def test_names_of_custom_tracks_are_unique() -> None:
    settings = ClientSettings()
    settings.set_track("customAudio", "music", "1", new=True)
    with pytest.raises(VerbError, match=r'^Inputs\(TrackNameAlreadyInUse\("music"\)\)$'):
        settings.set_track("customAudio", "music", "2", new=True)
    assert settings.set_track("customAudio", "music", "1", new=False) == []
    assert settings.inputs["customAudio"]["music"]["settings"] == {"customTrack": {"id": "1"}}
    settings.remove_track("customAudio", "music")
    assert settings.remove_track("customAudio", "music") == []
    assert settings.inputs["customAudio"] == {}
