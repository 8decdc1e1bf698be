"""The parameters of a client's request, from a mapping and keyword arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.errors import ConfigurationError

_EXAMPLES = {
    "startDialOut": 'phoneNumber="+12065550142"',
    "sendDTMF": 'sessionId=…, tones="1"',
    "sipCallTransfer": 'sessionId=…, toEndPoint="+12065550142"',
    "sipRefer": 'sessionId=…, toEndPoint="sip:bob@127.0.0.1"',
}
"""The arguments that each request needs."""


def request_params(method: str, settings: Mapping[str, Any] | None, more: Mapping[str, Any]) -> dict[str, Any]:
    """Combine `settings` and `more`. Raises ConfigurationError if `settings` is no mapping, such as a bare number."""
    if settings is not None and not isinstance(settings, Mapping):
        raise ConfigurationError(method, settings, f"keyword arguments, or a mapping of them: {_EXAMPLES[method]}")
    return {**(settings or {}), **more}
