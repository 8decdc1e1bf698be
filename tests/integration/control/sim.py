"""The control API as a test in another language would use it: over HTTP alone."""

from __future__ import annotations

from typing import Any

import httpx

from fake_daily_server.server import FakeDaily


class Sim:
    """A minimal HTTP client of the control API."""

    def __init__(self, daily: FakeDaily) -> None:
        self.http = httpx.Client(base_url=daily.url, headers={"Authorization": f"Bearer {daily.api_key}"}, timeout=20)

    def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, *, status: int = 200, **params: Any) -> Any:
        answer = self.http.get(path, params=params)
        assert answer.status_code == status, answer.text
        return answer.json()

    def wait_for(self, action: str, after: int = 0) -> tuple[int, dict[str, Any]]:
        """Return the seq and the content of the next Daily event of this name."""
        while True:
            records = self.get("/_sim/timeline", after=after, kind="event", wait_ms=5000)["records"]
            assert records, f"no {action} was recorded"
            for record in records:
                after = record["seq"]
                if record["event"]["action"] == action:
                    return after, record["event"]


def live_room(sim: Sim) -> str:
    room = sim.post("/v1/rooms", {"properties": {"enable_dialout": True, "sip": {"sip_mode": "dial-in"}}})
    joined = sim.post(f"/_sim/rooms/{room['name']}/participants", {"user_name": "bot", "owner": True})
    assert joined["session_id"]
    return str(room["name"])
