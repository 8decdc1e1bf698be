from __future__ import annotations

import pytest
from pydantic import ValidationError

from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.telephony_requests import SendDtmf, StartDialOut
from scenarios.language.daily_options import options_model, with_known_types


def test_texts_get_the_types_of_dailys_json() -> None:
    options = options_model(RoomProperties).model_validate(
        {
            "enable_dialout": "true",
            "exp": "1800000000",
            "sip": {"num_endpoints": "2", "codecs": {"audio": ["G722", "PCMU"]}},
            "permissions": {"canSend": "false"},
        }
    )
    assert options.as_json() == {
        "enable_dialout": True,
        "exp": 1800000000,
        "sip": {"num_endpoints": 2, "codecs": {"audio": ["G722", "PCMU"]}},
        "permissions": {"canSend": False},
    }


def test_converted_options_pass_the_strict_model() -> None:
    texts = {"phoneNumber": "+12065550142", "extension": "0", "waitBeforeExtensionDialSec": "1"}
    options = options_model(StartDialOut).model_validate(texts)
    assert StartDialOut.model_validate(options.as_json()).wait_before_extension_dial_sec == 1


def test_no_option_is_required_and_values_are_not_checked_by_default() -> None:
    assert options_model(StartDialOut).model_validate({}).as_json() == {}
    assert options_model(StartDialOut).model_validate({"phoneNumber": "$desk.number"})


def test_unknown_options_are_refused_at_every_level() -> None:
    with pytest.raises(ValidationError, match="num_endpoint\n"):
        options_model(RoomProperties).model_validate({"sip": {"num_endpoint": "2"}})


def test_options_without_a_known_type_remain_text() -> None:
    assert with_known_types(SendDtmf, {"digitDurationMs": "49", "tones": "12", "method": "morse", "what": "5"}) == {
        "digitDurationMs": 49,
        "tones": "12",
        "method": "morse",
        "what": "5",
    }
    assert with_known_types(SendDtmf, {"digitDurationMs": "long"}) == {"digitDurationMs": "long"}
