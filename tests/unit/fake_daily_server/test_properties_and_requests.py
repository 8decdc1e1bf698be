"""Room properties, permissions, dial-out requests, and the texts of validation errors."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, OWNER_PERMISSIONS, Participant, Permissions
from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.telephony_requests import StartDialOut
from fake_daily_server.values.validation import RequestModel, explain


@pytest.mark.parametrize(
    ("given", "echoed"),
    [
        ({"enable_chat": False, "enable_screenshare": True, "sfu_switchover": 0.5, "lang": "en"}, {}),
        ({"enable_chat": True, "enable_screenshare": False}, {"enable_chat": True, "enable_screenshare": False}),
        ({"enable_prejoin_ui": False}, {"enable_prejoin_ui": False}),
        ({"exp": 1.25, "nbf": None}, {"exp": 1.25}),
        ({"sip": {}}, {"sip": {}}),
        ({"sip": {"codecs": {"audio": ["G722"]}, "new": 1}}, {"sip": {"codecs": {"audio": ["G722"]}, "new": 1}}),
        ({"permissions": {"canReceive": {"base": False}}}, {"permissions": {"canReceive": {"base": False}}}),
    ],
)
def test_config_shows_properties_that_differ_from_their_defaults(given: dict[str, Any], echoed: dict[str, Any]) -> None:
    assert RoomProperties.model_validate(given).config() == echoed


@pytest.mark.parametrize(
    ("permissions", "may"),
    [
        (Permissions(canAdmin=True), True),
        (Permissions(canAdmin=("participants",)), True),
        (Permissions(canAdmin=("streaming", "transcription")), False),
        (Permissions(canAdmin=False), False),
        (Permissions(), False),
    ],
)
def test_owners_and_participants_with_can_admin_may_administer(permissions: Permissions, may: bool) -> None:
    guest = Participant(session_id="s", user_id="u", permissions=permissions)
    assert guest.may_administer is may
    assert Participant(session_id="s", user_id="u", owner=True, permissions=permissions).may_administer


def test_permissions_replace_only_what_they_name() -> None:
    change = Permissions.model_validate({"canSend": ["audio"], "canReceive": {"byUserId": {"u": False}}})
    assert change.over(OWNER_PERMISSIONS).as_dict() == {
        "hasPresence": True,
        "canSend": ["audio"],
        "canReceive": {"base": True, "byUserId": {"u": False}},
        "canAdmin": True,
    }
    assert Permissions().over(DEFAULT_PERMISSIONS) == DEFAULT_PERMISSIONS


@pytest.mark.parametrize(
    ("request_body", "target", "headers", "name"),
    [
        ({"phoneNumber": "+12065550142"}, "+12065550142", (), "+12065550142"),
        ({"phoneNumber": "+12065550142", "displayName": "Desk"}, "+12065550142", (), "Desk"),
        ({"sipUri": "sip:bob%20b@example.com:5070"}, "sip:bob%20b@example.com:5070", (), "bob b"),
        ({"sipUri": "sip:a?b@example.com"}, "sip:a?b@example.com", (), "a?b"),
        ({"sipUri": "SIP:%61lice@example.com"}, "SIP:%61lice@example.com", (), "alice"),
        (
            {"sipUri": "sip:bob@example.com?X-Phone=+12065550142"},
            "sip:bob@example.com",
            (("X-Phone", "+12065550142"),),
            "bob",
        ),
        ({"sipUri": "sip:example.com"}, "sip:example.com", (), "example.com"),
        (
            {"sipUri": "sip:bob@example.com;transport=tcp?X-a=1&x-b=%20y"},
            "sip:bob@example.com;transport=tcp",
            (("X-a", "1"), ("x-b", " y")),
            "bob",
        ),
    ],
)
def test_a_request_gives_target_headers_and_name_of_the_dial_out(
    request_body: dict[str, Any], target: str, headers: tuple[tuple[str, str], ...], name: str
) -> None:
    request = StartDialOut.model_validate(request_body)
    assert (request.target, request.sip_headers, request.name) == (target, headers, name)


class Inner(RequestModel):
    long_name: int


class Outer(RequestModel):
    inner: Inner | None = None
    either: bool | list[int] | None = None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"inner": {}}, "inner.longName is required"),
        ({"inner": 3}, "inner: 3 is not usable; allowed: a JSON object"),
        ({"inner": {"longName": "x" * 200}}, "…"),
        ({"iner": {}}, "unknown field 'iner'; did you mean 'inner'?"),
        ({"zzz": {}}, "unknown field 'zzz'; known: inner, either"),
        ({"either": "x"}, "either: 'x' is not usable; allowed: true or false"),
        ("text", "the body must be a JSON object"),
    ],
)
def test_validation_errors_are_explained_in_a_sentence(given: Any, expected: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        Outer.model_validate(given)
    assert expected in explain(wrong.value.errors())
