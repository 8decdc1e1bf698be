"""SIP header fields as users give them: a mapping of names to values."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.errors import ConfigurationError
from simulator.useragent.messages import Headers


def header_fields(headers: Mapping[str, str]) -> Headers:
    """The mapping as header fields, in its order. Raises ConfigurationError for a value that is not text."""
    for name, value in headers.items():
        if not isinstance(value, str):
            raise ConfigurationError(f"headers.{name}", value, "text")
    return tuple(headers.items())
