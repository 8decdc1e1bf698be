"""The arguments of a client's request are a mapping, keywords, or both; anything else is refused with an example."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.handles.request_params import request_params
from simulator.errors import ConfigurationError


def test_keywords_are_added_to_the_mapping() -> None:
    assert request_params("sendDTMF", {"tones": "1", "sessionId": "a"}, {"tones": "2"}) == {
        "tones": "2",
        "sessionId": "a",
    }
    assert request_params("sendDTMF", None, {}) == {}


@pytest.mark.parametrize(
    ("method", "way_out"),
    [
        ("startDialOut", "phoneNumber="),
        ("sendDTMF", "tones="),
        ("sipCallTransfer", "toEndPoint="),
        ("sipRefer", "toEndPoint="),
    ],
)
def test_a_bare_value_is_refused_with_the_way_out(method: str, way_out: str) -> None:
    bare: Any = "+12065550142"
    with pytest.raises(ConfigurationError, match=rf"{method}: '\+12065550142' is not usable; .*{way_out}"):
        request_params(method, bare, {})
