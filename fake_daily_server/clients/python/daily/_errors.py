"""What goes wrong with a verb, in the words of daily-python."""

from __future__ import annotations


class VerbError(Exception):
    """A verb that failed; the text is what its completion and `on_error` get."""


class Refused(Exception):  # noqa: N818 - the server's answer, not a fault
    """The server refused a request: `status` as the REST API would give it, Daily's word, and an explanation."""

    def __init__(self, status: int, error: str, info: str) -> None:
        super().__init__(info)
        self.status = status
        self.error = error
        self.info = info
