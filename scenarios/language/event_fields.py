"""The events that a client can receive, and the top-level fields of each; used to find misspelt names in a file."""

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
"""Names of the top-level fields by event name, taken from the event models of the signalling."""
