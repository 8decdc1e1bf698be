"""Errors about invalid data name the field, the value and what is allowed, and never show pydantic's own wording."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.errors import ConfigurationError
from simulator.phone_spec import PhoneSpec
from simulator.validation_errors import as_configuration_error, explain

INVALID_DATA = [
    (
        {"codecs": ["MP3"]},
        "codecs.0: 'MP3' is not usable; allowed: 'OPUS', 'G722',",
        "codecs.0: 'MP3' is not usable",
    ),
    (
        {"nummer": "+1"},
        "nummer: '+1' is not usable; allowed: a known field; did you mean 'number'?",
        "did you mean 'number'?",
    ),
    (
        {"calls": [{"ringms": 3}]},
        "calls.0.ringms: 3 is not usable; allowed: a known field; did you mean 'ring_ms'?",
        "calls.0: unknown field 'ringms'; did you mean 'ring_ms'?",
    ),
    (
        {"calls": ["bussy"]},
        "calls.0: 'bussy' is not usable; allowed: one of answer, busy, decline, no_answer, wait; did you mean 'busy'?",
        "calls.0: 'bussy' is not usable; allowed: one of answer, busy, decline, no_answer, wait; did you mean 'busy'?",
    ),
    ({"calls": [{"then": "waitt"}]}, "'drop' or 'reject'; did you mean 'wait'?", "did you mean 'wait'?"),
    ({"codecs": ["pmcu"]}, "did you mean 'PCMU'?", "did you mean 'PCMU'?"),
    ({"calls": [{"zzz": 3}]}, "allowed: the fields ring_ms, early_media,", "known: ring_ms, early_media,"),
    (
        {"number": "12"},
        "number: '12' is not usable; allowed: an E.164",
        "number: '12' is not usable; allowed: an E.164",
    ),
    (
        {"lines": 201},
        "lines: 201 is not usable; allowed: less than or equal to 200",
        "lines: 201 is not usable; allowed: less than or equal to 200",
    ),
    (
        {"calls": [{"then": "drop"}]},
        "allowed: `then: drop` requires `after_ms`",
        "calls.0: `then: drop` requires `after_ms`",
    ),
]


@pytest.mark.parametrize(("given", "raised", "explained"), INVALID_DATA)
def test_an_error_names_the_field_the_value_and_what_is_allowed(
    given: dict[str, Any], raised: str, explained: str
) -> None:
    with pytest.raises(ValidationError) as invalid:
        PhoneSpec.model_validate(given)
    error = as_configuration_error(invalid.value)
    assert isinstance(error, ConfigurationError)
    assert raised in str(error)
    assert explained in explain(invalid.value.errors())
    for text in (str(error), explain(invalid.value.errors())):
        assert "Input" not in text
        assert "Value error" not in text
        assert "pydantic" not in text
