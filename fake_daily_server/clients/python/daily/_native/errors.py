"""Errors with the texts of daily-python, which are often the debug form of a Rust value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


class VerbError(Exception):
    """A verb failed. The text goes to the verb's completion, and to `on_error` after the name of the verb."""


class RequestRefused(Exception):
    """The server refused a request: the HTTP status that REST would give, Daily's error name, and an explanation."""

    def __init__(self, status: int, error: str, info: str) -> None:
        super().__init__(info)
        self.status = status
        self.error = error
        self.info = info


class JsonApiError(Exception):
    """Settings cannot be read. `str()` gives daily-python's text around the message."""

    def __str__(self) -> str:
        return f"JsonApiError {{ message: {quoted(self.args[0])} }}"


def quoted(text: str) -> str:
    """A string in Rust's debug format."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def refuse_unknown_keys(settings: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Raise JsonApiError if `settings` has keys other than those allowed."""
    unknown = [key for key in settings if key not in allowed]
    if unknown:
        raise JsonApiError(f"Object contains unknown keys: {_listed(unknown)}. Allowed keys: {_listed(allowed)}")


def _listed(keys: Collection[str]) -> str:
    return f"[{', '.join(map(quoted, keys))}]"
