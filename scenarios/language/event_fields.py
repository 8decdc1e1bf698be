"""The events that a client can receive, and their top-level fields; used to detect misspelt names in a file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fake_daily_server.signalling.events import BY_ACTION

EVENT_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        action: frozenset(field.alias or name for name, field in model.model_fields.items())
        for action, model in BY_ACTION.items()
    }
)
"""Names of the top-level fields, by event name."""
