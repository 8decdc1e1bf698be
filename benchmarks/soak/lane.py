"""One of the lanes of a soak: calls one after the other, with sound both ways, driven over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

_CALLS_PER_ROOM = 4
_HZ_OF_PHONE, _HZ_OF_ROOM = 440, 660
_DIGITS = "15#"
_EXPECTATION_FAILED, _CALL_ERROR = 408, 409
_SETTLED_SECONDS = 1.0
"""Length of the silence at the end of each call, in which nothing but silence may be heard."""


class Lane:
    """A phone of its own, and a new room with a participant for every few calls."""

    def __init__(self, api: httpx.AsyncClient, number: str) -> None:
        self.calls = 0
        """Number of calls that were made, answered and ended."""
        self.unheard = 0
        """Number of tones and silences that were not heard in time, and of digits that could not be sent for want of
        audio packets, as on a machine with too much to do."""
        self._api = api
        self._number = number
        self._phone = ""

    async def add_phone(self) -> None:
        """Add the phone, which answers every call."""
        self._phone = str((await self._post("/_sim/phones", {"number": self._number}))["id"])

    async def play_round(self) -> None:
        """Make a room, let a participant join it, dial in and out in turn, and remove both."""
        properties = {"enable_dialout": True, "sip": {"sip_mode": "dial-in", "display_name": "caller"}}
        room = str((await self._post("/_sim/rooms", {"properties": properties}))["name"])
        joined = await self._post(f"/_sim/rooms/{room}/participants", {"owner": True})
        participant = f"/_sim/rooms/{room}/participants/{joined['session_id']}"
        for turn in range(_CALLS_PER_ROOM):
            dial = self._dial_in if turn % 2 else self._dial_out
            await dial(room)
            await self._hear_each_other(participant)
            await self._on_phone("hangup")
            await self._on_phone("wait-for-end")
            self.calls += 1
        await self._sent("DELETE", participant)
        await self._sent("DELETE", f"/v1/rooms/{room}")

    async def _dial_out(self, room: str) -> None:
        await self._post(f"/v1/rooms/{room}/dialOut/start", {"phoneNumber": self._number})
        await self._on_phone("wait-for-call")
        await self._on_phone("wait-answered")

    async def _dial_in(self, room: str) -> None:
        uris = (await self._sent("GET", f"/_sim/rooms/{room}"))["sip_uris"]
        await self._on_phone("dial", to=uris[0])
        await self._on_phone("wait-answered")

    async def _hear_each_other(self, participant: str) -> None:
        await self._post(f"{participant}/hum", {"hz": _HZ_OF_ROOM})
        await self._on_phone("hum", hz=_HZ_OF_PHONE)
        await self._on_phone("expect-tone", hz=_HZ_OF_ROOM)
        await self._post(f"{participant}/expect-tone", {"hz": _HZ_OF_PHONE})
        await self._on_phone("hush")
        await self._on_phone("press", tones=_DIGITS)
        await self._post(f"{participant}/hush")
        await self._on_phone("expect-silence", seconds=_SETTLED_SECONDS)

    async def _on_phone(self, verb: str, **fields: object) -> dict[str, Any]:
        return await self._post(f"/_sim/phones/{self._phone}/{verb}", fields)

    async def _post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return await self._sent("POST", path, body or {})

    async def _sent(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await self._api.request(method, path, json=body)
        starved = {_EXPECTATION_FAILED: "/expect-", _CALL_ERROR: "/press"}.get(answer.status_code)
        if starved is not None and starved in path:
            self.unheard += 1
            return {}
        if answer.status_code != 200:
            raise RuntimeError(f"{method} {path} {body}: {answer.status_code} {answer.text}")
        answered: dict[str, Any] = answer.json()
        return answered
