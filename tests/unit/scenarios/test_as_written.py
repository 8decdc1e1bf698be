from __future__ import annotations

import pytest
from pydantic import ValidationError

from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.telephony_requests import SendDtmf, StartDialOut
from scenarios.as_written import as_written, typed_where_known


def test_texts_become_what_dailys_json_has() -> None:
    written = as_written(RoomProperties).model_validate(
        {
            "enable_dialout": "true",
            "exp": "1800000000",
            "sip": {"num_endpoints": "2", "codecs": {"audio": ["G722", "PCMU"]}},
            "permissions": {"canSend": "false"},
        }
    )
    assert written.as_json() == {
        "enable_dialout": True,
        "exp": 1800000000,
        "sip": {"num_endpoints": 2, "codecs": {"audio": ["G722", "PCMU"]}},
        "permissions": {"canSend": False},
    }


def test_what_is_so_written_passes_the_strict_model() -> None:
    options = {"phoneNumber": "+12065550142", "extension": "0", "waitBeforeExtensionDialSec": "1"}
    written = as_written(StartDialOut).model_validate(options)
    assert StartDialOut.model_validate(written.as_json()).wait_before_extension_dial_sec == 1


def test_nothing_is_required_and_no_value_is_refused_yet() -> None:
    assert as_written(StartDialOut).model_validate({}).as_json() == {}
    assert as_written(StartDialOut).model_validate({"phoneNumber": "$desk.number"})


def test_unknown_options_are_refused_at_every_level() -> None:
    with pytest.raises(ValidationError, match="num_endpoint\n"):
        as_written(RoomProperties).model_validate({"sip": {"num_endpoint": "2"}})


def test_options_that_cannot_be_typed_go_as_written() -> None:
    assert typed_where_known(SendDtmf, {"digitDurationMs": "49", "tones": "12", "method": "morse", "what": "5"}) == {
        "digitDurationMs": 49,
        "tones": "12",
        "method": "morse",
        "what": "5",
    }
    assert typed_where_known(SendDtmf, {"digitDurationMs": "long"}) == {"digitDurationMs": "long"}
