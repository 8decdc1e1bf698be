"""What the server beside a Locust worker has counted itself, to be compared with Locust's statistics."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from fake_daily_server.load.server_api import ServerApi

ANSWERED, PRESSED, HEARD = "calls answered", "digits pressed", "digits received by rooms"


def counted(records: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Count in timeline records: calls that phones placed or took and that were answered, digits, telephony events.

    An event counts by its name. An event to several participants of a room is one record.
    """
    counts: Counter[str] = Counter()
    for record in records:
        match record:
            case {"kind": "phone", "action": "answers"} | {"kind": "phone", "action": "receives", "status": 200}:
                counts[ANSWERED] += 1
            case {"kind": "phone", "action": "presses", "digits": str(digits)}:
                counts[PRESSED] += len(digits.replace(",", ""))
            case {"kind": "digit", "session_id": str()}:
                counts[HEARD] += 1
            case {"kind": "event", "event": {"action": str(action)}} if action.startswith(("dial", "dtmf")):
                counts[action] += 1
    return counts


class ServerCounts:
    """The counts of one server, from its timeline, which is read in pieces before old records are removed."""

    _KINDS = ("phone", "digit", "event")

    def __init__(self, server: ServerApi) -> None:
        self._server = server
        self._seen = dict.fromkeys(self._KINDS, 0)
        self._reading = threading.Lock()
        self.so_far: Counter[str] = Counter()
        """All counts between the start of the server and the last `read`."""

    def read(self) -> None:
        """Add what the server has counted since the last time. Raises LoadFailure if it does not answer."""
        with self._reading:
            for kind in self._KINDS:
                records = self._server.look(f"/timeline?kind={kind}&after={self._seen[kind]}")["records"]
                if records:
                    self._seen[kind] = records[-1]["seq"]
                    self.so_far += counted(records)
