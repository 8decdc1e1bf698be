"""Errors with the texts of daily-python, which are often the debug form of a Rust value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


class VerbError(Exception):
    """A verb failed. Its completion receives the text; `on_error` receives the verb's name and the text."""


class RequestRefused(Exception):
    """The server refused a request: HTTP status of the REST API, Daily's error code, human-readable explanation."""

    def __init__(self, status: int, error: str, info: str) -> None:
        super().__init__(info)
        self.status = status
        self.error = error
        self.info = info


class JsonApiError(Exception):
    """Settings are malformed. `str()` wraps the message in daily-python's text."""

    def __str__(self) -> str:
        return f"JsonApiError {{ message: {quoted(self.args[0])} }}"


def quoted(text: str) -> str:
    """Return a string in Rust's debug format."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def refuse_unknown_keys(settings: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Raise JsonApiError if `settings` has a key that is not in `allowed`."""
    unknown = [key for key in settings if key not in allowed]
    if unknown:
        raise JsonApiError(f"Object contains unknown keys: {_listed(unknown)}. Allowed keys: {_listed(allowed)}")


def _listed(keys: Collection[str]) -> str:
    return f"[{', '.join(map(quoted, keys))}]"
