"""What was found out about one thing that a server or a test needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether the thing can be used."""

    OK = "ok"
    LIMITED = "limited"
    """A server starts; some tests may not work."""
    ABSENT = "absent"
    """Only some tests need it."""
    FAILS = "FAILS"
    """No server can start before this is mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: `about` is the thing, `found` what is there, `remedy` what to do if it is not OK."""

    state: State
    about: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.state.value:<8} {self.about:<12} {self.found}"
        return f"{line}\n{'':<21} → {self.remedy}" if self.remedy else line


def server_can_start(findings: Sequence[Finding]) -> bool:
    """Whether nothing that each server needs fails."""
    return all(finding.state is not State.FAILS for finding in findings)
