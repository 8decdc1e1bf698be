"""Patterns written as text: `/busy/`, or `/busy/i` for any case.

They are searched for in linear time (RE2), since they come from files and from requests: with backtracking, a pattern
like `/^(a+)+$/` can stop the whole server for minutes.
"""

from __future__ import annotations

import re
from functools import lru_cache

import re2

from simulator.errors import ConfigurationError

_WRITTEN = re.compile(r"/(?P<pattern>.*)/(?P<flags>i?)", re.DOTALL)
_LOOK_AROUND = re.compile(r"\(\?<?[=!]")
_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?P=")


class Pattern:
    """A regular expression in RE2's syntax, which has neither look-around nor back-references."""

    def __init__(self, written: str, pattern: str, *, ignore_case: bool) -> None:
        self.written = written
        """The pattern with its slashes and flag."""
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = not ignore_case
        try:
            self._compiled = re2.compile(pattern, options)
        except re2.error as wrong:
            raise ConfigurationError("pattern", written, _allowed(pattern, wrong)) from None

    def __str__(self) -> str:
        return self.written

    def is_in(self, text: str) -> bool:
        """Whether the pattern matches somewhere in `text`."""
        return self._compiled.search(text) is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its groups, `(?P<name>…)`."""
        return tuple(self._compiled.groupindex)

    def groups(self, text: str) -> dict[str, str | None]:
        """What its named groups match in `text`; empty if it does not match."""
        found = self._compiled.search(text)
        return {} if found is None else dict(found.groupdict())


@lru_cache(maxsize=1024)
def as_pattern(text: str) -> Pattern | None:
    """The pattern that a text is, by its slashes; None for any other text.

    Raises ConfigurationError if it is no regular expression of RE2's syntax.
    """
    written = _WRITTEN.fullmatch(text)
    return written and Pattern(text, written["pattern"], ignore_case=bool(written["flags"]))


def _allowed(pattern: str, wrong: Exception) -> str:
    """What is allowed instead; RE2's own texts do not name what it lacks."""
    if _LOOK_AROUND.search(pattern):
        return "a regular expression without look-around, (?=…) and the like; write two conditions instead"
    if _BACK_REFERENCE.search(pattern):
        return "a regular expression without back-references; write the repeated part again"
    reason = wrong.args[0] if wrong.args else ""
    return f"a regular expression ({reason.decode() if isinstance(reason, bytes) else reason})"
