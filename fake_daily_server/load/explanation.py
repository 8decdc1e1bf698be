"""The texts of failures in Locust's statistics: short, and equal for equal failures, which Locust counts together."""

from __future__ import annotations

import re

_KEPT = ("Expected", "Nearest", "Because")
_RELATIVE_TIME = re.compile(r"(?<=\s)\+\d+\.\d+ ")
"""When a record was made, such as `+0.022 `, which differs between calls that fail alike."""
_LONG_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_LONGEST_LINE = 200


def shortened(info: str) -> str:
    """The lines "Expected", "Nearest" and "Because" of a failed wait of `/_sim`; of any other error its first line.

    Times and session ids are left out, and each line has at most 200 characters.
    """
    lines = info.splitlines() or [""]
    kept = [line for line in lines if line.startswith(_KEPT)] or lines[:1]
    return "\n".join(_without_what_differs(line)[:_LONGEST_LINE].rstrip() for line in kept)


def _without_what_differs(line: str) -> str:
    return _LONG_ID.sub("…", _RELATIVE_TIME.sub("", line))
