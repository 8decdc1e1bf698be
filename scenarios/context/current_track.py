"""Which of the tracks that run side by side a step belongs to: each has an order of events of its own."""

from __future__ import annotations

from contextvars import ContextVar

CURRENT_TRACK: ContextVar[str] = ContextVar("CURRENT_TRACK", default="")
"""The name of the track; empty outside of tracks."""
