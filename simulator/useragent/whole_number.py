"""Checks whole numbers that go into commands."""

from __future__ import annotations

from simulator.errors import ConfigurationError


def check_number(field: str, value: int, low: int, high: int) -> int:
    """Return `value`; ConfigurationError when it is not a whole number from `low` to `high`."""
    if not isinstance(value, int) or not low <= value <= high:
        raise ConfigurationError(field, value, f"a whole number from {low} to {high}")
    return value
