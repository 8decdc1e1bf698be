"""Why a call has not ended, as far as the events of its room show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.timeline import Record

_BEGAN = {"dialout-stopped": "dialout-answered", "dialin-stopped": "dialin-connected"}
"""Events that end a call, and those after which it is up."""
_NAMES = ("destination", "from", "sipFrom", "sessionId")
"""Fields that name the other end of a call, the most telling first."""


def why_not_ended(names: Sequence[str], events: Iterable[Record], room: str | None) -> str | None:
    """Say which calls of a room (None: any) are still up, if their ends are among the awaited names."""
    ends = [name for name in names if name in _BEGAN]
    up: dict[str, str] = {}
    for record in events:
        event = record.fields["event"]
        if room in (None, record.fields.get("room")) and not record.fields.get("triggered"):
            for end in ends:
                if event.get("action") == _BEGAN[end]:
                    up[str(event.get("sessionId"))] = next(str(event[name]) for name in _NAMES if event.get(name))
                elif event.get("action") == end:
                    up.pop(str(event.get("sessionId")), None)
    if not up:
        return None
    calls = "the call with" if len(up) == 1 else "the calls with"
    return f"{calls} {', '.join(up.values())} {'is' if len(up) == 1 else 'are'} still up: nobody has hung up"
