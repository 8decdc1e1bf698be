"""A browser tab with daily-js."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_daily_server.handles.room_handle import RoomHandle

if TYPE_CHECKING:
    from playwright.async_api import Page

WITHIN_S = 20
"""Time limit of every wait in seconds; a browser on a busy machine is slow."""


class Tab:
    """One page of `pages/`; `errors` contains the errors on its console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.session_id = ""
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def join(
        self, room: RoomHandle, script: str = "{}", *, bundles: str | None = None, owner: bool = True
    ) -> str:
        """Join with options for createCallObject, given as JavaScript; returns the session id."""
        where = {"url": room.url, "token": room.token(is_owner=owner)}
        config = {} if bundles is None else {"dailyConfig": {"bundlePathOverride": bundles}}
        given = f"([where, config]) => joinCall({{...({script}), ...config}}, where)"
        self.session_id = await self.page.evaluate(given, [where, config])
        return self.session_id

    async def do(self, script: str) -> Any:
        """Evaluate JavaScript; `call` is daily-js's call object."""
        return await self.page.evaluate(script)

    async def until(self, condition: str, argument: object = None) -> Any:
        """Wait until a JavaScript condition, an expression or a function of `argument`, is true; returns its value."""
        handle = await self.page.wait_for_function(condition, arg=argument, timeout=WITHIN_S * 1000, polling=20)
        return await handle.json_value()

    async def wait_for(self, action: str, **fields: object) -> dict[str, Any]:
        """Wait for the first event of this name with these fields."""
        wanted = {"action": action, **fields}
        found = "wanted => callEvents.find(one => Object.entries(wanted).every(([name, value]) => one[name] === value))"
        event: dict[str, Any] = await self.until(found, wanted)
        return event

    async def events(self, *actions: str) -> list[dict[str, Any]]:
        """Return the events of these names so far, in order."""
        events: list[dict[str, Any]] = await self.do("callEvents")
        return [event for event in events if event["action"] in actions]

    async def hears(self, hertz: float, of: str) -> None:
        """Wait until the loudest frequency of a participant's audio is this tone."""
        await self.until("([id, hz]) => Math.abs(loudest(id) - hz) < 15", [of, hertz])

    async def track(self, kind: str, of: str | None = None) -> Mapping[str, Any]:
        """Return the state and the track ids of a participant's track, by default of the client's own."""
        script = """([id, kind]) => {
            const {state, track, persistentTrack, off, blocked, subscribed} = call.participants()[id].tracks[kind];
            return {state, off, blocked, subscribed, track: track?.id, persistent: persistentTrack?.id};
        }"""
        described_track: Mapping[str, Any] = await self.page.evaluate(script, [of or "local", kind])
        return described_track

    async def until_track(self, kind: str, state: str, of: str | None = None) -> Mapping[str, Any]:
        """Wait until a participant's track has this state; return the track."""
        reached = "([id, kind, state]) => call.participants()[id]?.tracks[kind]?.state === state"
        await self.until(reached, [of or "local", kind, state])
        return await self.track(kind, of)
