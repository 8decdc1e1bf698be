"""A session of a client of the module `daily` without a room, printed as lines of JSON.

It runs with daily-python and with the stand-in, and the output is compared. Left out is what varies in daily-python
itself: whether settings are reported before or after the completion, and the devices of the machine.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_daily_server.clients.python import daily
else:
    import daily

A = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
B = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
WITHIN_S = 20

MARK = "mark "

callbacks: list[list[Any]] = []
marks = itertools.count()


class Handler(daily.EventHandler):
    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_"):
            return super().__getattribute__(name)
        return lambda *args: callbacks.append([name, *args])


daily.Daily.init()
client = daily.CallClient(event_handler=Handler())

GETTERS = ("inputs", "publishing", "subscriptions", "subscription_profiles", "participant_counts", "active_speaker")


def without_what_varies(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [without_what_varies(item) for item in value]
    if isinstance(value, dict):
        varies = [key for key in value if key in ("id", "joinedAt", "deviceId") or key.startswith(MARK)]
        return {key: without_what_varies(item) for key, item in value.items() if key not in varies}
    return value


def ask(verb: str, *args: Any, **named: Any) -> dict[str, Any]:
    """Call a verb and wait for its callbacks; return its result, the arguments of its completion and the errors."""
    callbacks.clear()
    answers: list[Any] = []
    answered = threading.Event()

    def completed(*answer: Any) -> None:
        answers.append(answer)
        answered.set()

    try:
        returned = getattr(client, verb)(*args, **named, completion=completed)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        return {"raised": [type(error).__name__, str(error)]}
    assert answered.wait(WITHIN_S), f"{verb}{args} was not completed"
    wait_for_callbacks()
    errors = [args[0] for name, *args in callbacks if name == "on_error"]
    return {"returned": returned, "answers": answers, "errors": errors}


def wait_for_callbacks() -> None:
    """Wait until a change made now is reported: callbacks come in order, so earlier ones were called."""
    name = f"{MARK}{next(marks)}"
    client.update_subscription_profiles({name: {}})
    deadline = time.monotonic() + WITHIN_S
    while name not in client.subscription_profiles():
        assert time.monotonic() < deadline, "the event did not come"
        time.sleep(0.001)


BEFORE_JOINING: list[tuple[Any, ...]] = [
    ("leave",),
    ("start_dialout", {"phoneNumber": "+1"}),
    ("start_dialout", {"phoneNumber": "+1", "sipUri": "sip:a", "unknown": 5}),
    ("stop_dialout", A),
    ("send_dtmf", {"sessionId": "x", "tones": "1"}),
    ("sip_call_transfer", {"sessionId": "x", "toEndPoint": "+1"}),
    ("sip_refer", {"sessionId": "x", "toEndPoint": "sip:a"}),
    ("send_app_message", {"a": (1, {2}, float("nan"))}),
    ("send_app_message", "a" * 5000, A),
    ("send_prebuilt_chat_message", "hi", "Ann"),
    ("start_recording",),
    ("stop_recording",),
    ("update_recording", {}),
    ("start_transcription", {"language": "en"}),
    ("stop_transcription",),
    ("update_transcription", None, "x"),
    ("start_live_stream_with_endpoints", ["a"]),
    ("start_live_stream_with_rtmp_urls", ["rtmp://a"], None, None, True),
    ("stop_live_stream",),
    ("update_live_stream", {}),
    ("add_live_streaming_endpoints", ["a"]),
    ("remove_live_streaming_endpoints", ["a"]),
    ("update_remote_participants", {A: {"inputsEnabled": {"microphone": False}}}),
    ("eject_remote_participants", [A]),
    ("eject_remote_participants", []),
    ("update_permissions", {"hasPresence": True}),
    ("set_proxy_url", "https://a"),
    ("set_proxy_url",),
    ("set_ice_config",),
    ("set_ice_config", {"iceServers": [{"urls": ["stun:a"]}]}),
]
WRONG: list[tuple[Any, ...]] = [
    ("join",),
    ("join", 5),
    ("join", None),
    ("join", "a", 5),
    ("join", "http://a/b", None, {"x": object()}),
    ("join", "http://a/b", None, {"x": 1}),
    ("join", "http://a/b", None, "settings"),
    ("join", ""),
    ("join", "foo"),
    ("join", "/foo"),
    ("join", "http://"),
    ("join", "http://a:x/b"),
    ("join", "http://a:99999/b"),
    ("join", "http://[::1/b"),
    ("join", "mailto:x"),
    ("start_dialout",),
    ("start_dialout", 5),
    ("start_dialout", None),
    ("start_dialout", {}),
    ("start_dialout", {1: 2}),
    ("start_dialout", {"phoneNumber": 5}),
    ("start_dialout", {"sipUri": "sip:a", "codecs": {"audio": ["x"]}}),
    ("stop_dialout",),
    ("stop_dialout", 5),
    ("stop_dialout", "abc"),
    ("stop_dialout", A + "0"),
    ("send_dtmf", {}),
    ("send_dtmf", "x"),
    ("send_dtmf", {"sessionId": "x"}),
    ("send_dtmf", {"sessionId": "x", "tones": 5}),
    ("send_dtmf", {"sessionId": "x", "tones": "1", "method": "morse"}),
    ("send_dtmf", {"sessionId": "x", "tones": "1", "digitDurationMs": "a"}),
    ("sip_call_transfer", {}),
    ("sip_call_transfer", {"sessionId": "x"}),
    ("sip_refer", {}),
    ("send_app_message",),
    ("send_app_message", None),
    ("send_app_message", object()),
    ("send_app_message", b"x"),
    ("send_app_message", 2**70),
    ("send_app_message", "a", 5),
    ("send_app_message", "a", "x"),
    ("send_prebuilt_chat_message", 5),
    ("send_prebuilt_chat_message", "a", 5),
    ("update_remote_participants", {"a": {}}),
    ("eject_remote_participants", ["abc"]),
    ("update_permissions", {"canSend": ["x"]}),
    ("set_ice_config", {}),
    ("set_ice_config", {"iceServers": 5}),
    ("start_live_stream_with_rtmp_urls",),
]
INPUTS: list[Any] = [
    "fromDefaults",
    5,
    "foo",
    {"foo": True},
    {"microphone": 5},
    {"microphone": {"settings": {"foo": 1}}},
    {"microphone": {"isEnabled": True, "settings": {"customTrack": {"id": "x"}}}},
    {"microphone": False},
    {"camera": {"settings": {"foo": 1}}},
    {"camera": {"settings": {"width": 640, "height": 360, "frameRate": 15, "facingMode": "environment"}}},
    {"camera": {"settings": {"width": "a"}}},
    {"camera": {"settings": {"facingMode": "zzz"}}},
    {"camera": {"isEnabled": True, "settings": {"customTrack": {"id": "no-camera-track"}}}},
    {"camera": {"settings": {"customTrack": {"id": "a", "b": 1}}}},
    {"camera": {"settings": {"customTrack": {}}}},
    {"camera": {"settings": {"customTrack": 5}}},
    {"camera": {"settings": {"customTrack": {"id": "a"}, "width": 5}}},
    {"camera": {"settings": {"width": 320}}},
    {"camera": {"isEnabled": 5}},
    {"camera": {"foo": 5}},
    {"camera": {}},
    {"camera": None},
    {"screenVideo": {"settings": {"a": 1}}},
    {"screenAudio": True},
    {"customAudio": {"a": True}},
    {},
]
PUBLISHING: list[Any] = [
    5,
    "fromDefaults",
    {"microphone": 5},
    {"microphone": False},
    {"microphone": {"isPublishing": 5}},
    {"microphone": {"sendSettings": {"foo": 1}}},
    {"microphone": {"sendSettings": {"channelConfig": "x"}}},
    {"microphone": {"sendSettings": {"channelConfig": "stereo", "bitrate": 32000}}},
    {"microphone": {"sendSettings": {"bitrate": "x"}}},
    {"microphone": {"sendSettings": {"bitrate": None}}},
    {"microphone": {"sendSettings": "music"}},
    {"microphone": {"sendSettings": "foo"}},
    {"camera": {"isPublishing": True, "sendSettings": {}}},
    {"camera": {"sendSettings": {"maxQuality": "low"}}},
    {"camera": {"sendSettings": {"maxQuality": "x"}}},
    {"camera": {"sendSettings": {"encodings": {"low": {"maxBitrate": 1}}}}},
    {"camera": {"sendSettings": {"startBitrate": 5}}},
    {"camera": {"sendSettings": {"foo": 1}}},
    {"camera": {"foo": 1}},
    {"screenAudio": True},
    {"screenVideo": False},
    {"customAudio": {"a": {"isPublishing": False}}},
    {"customAudio": {"b": {"sendSettings": {"channelConfig": "stereo"}}}},
    {"customAudio": 5},
    {"customVideo": {"v": True}},
    {},
]
PROFILES: list[Any] = [
    5,
    {"base": 5},
    {"base": {"foo": 1}},
    {"base": {"camera": "x"}},
    {"base": {"microphone": 5}},
    {"base": {"microphone": {"subscriptionState": "x"}}},
    {"base": {"camera": {"settings": {"maxQuality": "low"}}}},
    {"base": {"camera": {"subscriptionState": "staged", "receiveSettings": {"maxQuality": "low"}}}},
    {"base": {"camera": "unsubscribed", "customAudio": {"*": "unsubscribed"}}},
    {"tower": {"camera": "subscribed"}},
    {"other": {}},
    {"base": {"customVideo": {"a": "subscribed"}}},
    {"base": {"customAudio": 3}},
    {"base": {"customVideo": "subscribed"}},
    {"base": {"customAudio": None}},
    {"tower": "fromDefaults"},
]
SUBSCRIPTIONS: list[tuple[Any, Any]] = [
    (None, None),
    (5, None),
    ({"x": {"media": "subscribed"}}, None),
    ({"*": {"media": "subscribed"}}, None),
    ({A: 5}, None),
    ({A: {"foo": 1}}, None),
    ({A: {"media": 5}}, None),
    ({A: {"media": {"foo": 1}}}, None),
    ({A: {"media": {"microphone": "x"}}}, None),
    ({A: {"media": {"microphone": True}}}, None),
    ({A: {"media": {"camera": {"subscriptionState": "subscribed", "settings": {}}}}}, None),
    ({A: {"media": {"microphone": "unsubscribed"}}}, None),
    ({B: {"profile": "base"}}, None),
    ({B: {"profile": "tower"}}, None),
    ({B: {"profile": "zzz"}}, None),
    (None, {"tower": {"media": {"camera": "staged"}}}),
    (None, {"zzz": {"profile": "base"}}),
    (None, {"base": {"profile": "zzz"}}),
    (None, {"base": {"camera": "subscribed"}}),
    (None, {"tower": {"profile": "base"}}),
    ({A: "unsubscribed"}, None),
    ({A: {"media": {"camera": {"subscriptionState": "subscribed", "receiveSettings": {"maxQuality": "low"}}}}}, None),
    ({A: {"media": "subscribed"}}, None),
    ({A: {"media": {"customAudio": {"x": "subscribed"}}}}, None),
    ({A: {}}, None),
    ({A: "fromDefaults"}, None),
    ({A: {"media": {"camera": "fromDefaults"}}}, None),
]


def with_tracks() -> Iterator[tuple[str, Any]]:
    track = daily.CustomAudioTrack(daily.CustomAudioSource(16000, 1))
    microphone = {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}
    steps: list[tuple[Any, ...]] = [
        ("add_custom_audio_track", "music", track),
        ("add_custom_audio_track", "music", track),
        ("add_custom_audio_track", "music", 5),
        ("add_custom_audio_track", "", track, True),
        ("update_custom_audio_track", "music", track),
        ("update_custom_audio_track", "other", track),
        ("update_inputs", {"microphone": microphone}),
        ("update_publishing", {"microphone": False, "customAudio": {"other": False}}),
        ("update_publishing", {"microphone": True}),
        ("update_inputs", {"microphone": False}),
        ("remove_custom_audio_track", "music"),
        ("remove_custom_audio_track", "music"),
    ]
    for verb, *args in steps:
        asked = ask(verb, *args)
        yield f"{verb} {args[0]}", [asked, client.inputs()["customAudio"], client.participants()["local"]["media"]]


def session() -> Iterator[tuple[str, Any]]:
    yield "new", {getter: getattr(client, getter)() for getter in (*GETTERS, "participants", "get_network_stats")}
    yield from with_tracks()
    for verb, *args in BEFORE_JOINING + WRONG:
        yield f"{verb}{args}", ask(verb, *args)
    for update in INPUTS:
        yield f"update_inputs {update}", [ask("update_inputs", update), client.inputs()]
    for update in PUBLISHING:
        yield f"update_publishing {update}", [ask("update_publishing", update), client.publishing()]
    for update in PROFILES:
        asked = ask("update_subscription_profiles", update)
        yield f"update_subscription_profiles {update}", [asked, client.subscription_profiles()]
    for people, profiles in SUBSCRIPTIONS:
        asked = ask("update_subscriptions", participant_settings=people, profile_settings=profiles)
        yield f"update_subscriptions {people} {profiles}", [asked, client.subscriptions()]
    client.set_user_name("Ann")
    ask("leave")
    yield "named", client.participants()
    client.release()
    for getter in (*GETTERS, "participants", "get_network_stats", "leave", "release"):
        try:
            getattr(client, getter)()
        except RuntimeError as error:
            yield f"released {getter}", str(error)


for number, (label, value) in enumerate(session()):
    shown = json.dumps(without_what_varies(value), sort_keys=True, default=str)
    print(json.dumps([number, label.split(" object at ")[0].split("customTrack")[0], shown]), flush=True)  # noqa: T201
