"""What goes wrong, in the words of daily-python: its errors are texts, often the debug form of a Rust value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


class VerbError(Exception):
    """A verb that failed; the text is what its completion gets, and `on_error` after the name of the verb.

    `reported` is an event that daily-python sends about it beforehand.
    """

    def __init__(self, text: str, *, reported: str | None = None) -> None:
        super().__init__(text)
        self.reported = reported


class Refused(Exception):
    """The server refused a request: `status` as the REST API would give it, Daily's word, and an explanation."""

    def __init__(self, status: int, error: str, info: str) -> None:
        super().__init__(info)
        self.status = status
        self.error = error
        self.info = info


class JsonApiError(Exception):
    """Settings that cannot be read."""

    def __str__(self) -> str:
        return f"JsonApiError {{ message: {quoted(self.args[0])} }}"


def quoted(text: str) -> str:
    """A string as Rust's debug format shows it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def refuse_unknown_keys(settings: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Raises JsonApiError when there are keys other than those."""
    unknown = [key for key in settings if key not in allowed]
    if unknown:
        raise JsonApiError(f"Object contains unknown keys: {_listed(unknown)}. Allowed keys: {_listed(allowed)}")


def _listed(keys: Collection[str]) -> str:
    return f"[{', '.join(map(quoted, keys))}]"
