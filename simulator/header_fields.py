"""Converts a mapping of names to values, as users give it, to SIP header fields."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.errors import ConfigurationError
from simulator.useragent.messages import Headers

HeaderFields = Mapping[str, str]
"""Names and values of header fields, as users give them."""


def header_fields(headers: HeaderFields) -> Headers:
    """Convert the mapping to header fields in the same order. Raises ConfigurationError if a value is not a text."""
    for name, value in headers.items():
        if not isinstance(value, str):
            raise ConfigurationError(f"headers.{name}", value, "a text")
    return tuple(headers.items())
