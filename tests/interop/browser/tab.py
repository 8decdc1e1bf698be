"""A tab of the browser with daily-js in it, in the words of these tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_daily_server.handles.room_handle import RoomHandle

if TYPE_CHECKING:
    from playwright.async_api import Page

WITHIN_S = 20
"""For whatever a test waits for: a browser on a busy machine is slow."""


class Tab:
    """One page of `pages/`; `errors` are what its console complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.session_id = ""
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def join(
        self, room: RoomHandle, script: str = "{}", *, bundles: str | None = None, owner: bool = True
    ) -> str:
        """Join with options for createCallObject, as JavaScript; returns the session id."""
        where = {"url": room.url, "token": room.token(is_owner=owner)}
        config = {} if bundles is None else {"dailyConfig": {"bundlePathOverride": bundles}}
        given = f"([where, config]) => joinCall({{...({script}), ...config}}, where)"
        self.session_id = await self.page.evaluate(given, [where, config])
        return self.session_id

    async def do(self, script: str) -> Any:
        """Run a line of JavaScript; `call` is daily-js's call object."""
        return await self.page.evaluate(script)

    async def until(self, condition: str, argument: object = None) -> Any:
        """Wait until a JavaScript condition, an expression or a function of `argument`, is true; returns its value."""
        handle = await self.page.wait_for_function(condition, arg=argument, timeout=WITHIN_S * 1000, polling=20)
        return await handle.json_value()

    async def wait_for(self, action: str, **fields: object) -> dict[str, Any]:
        """The first event of this name whose fields are these."""
        wanted = {"action": action, **fields}
        found = "wanted => happened.find(one => Object.entries(wanted).every(([name, value]) => one[name] === value))"
        event: dict[str, Any] = await self.until(found, wanted)
        return event

    async def events(self, *actions: str) -> list[dict[str, Any]]:
        """Events of these names, in order."""
        happened: list[dict[str, Any]] = await self.do("happened")
        return [event for event in happened if event["action"] in actions]

    async def hears(self, hertz: float, of: str) -> None:
        """Wait until a participant's sound is this tone."""
        await self.until("([id, hz]) => Math.abs(loudest(id) - hz) < 15", [of, hertz])

    async def track(self, kind: str, of: str | None = None) -> Mapping[str, Any]:
        """State, id and readyState of a participant's track; the client's own when nobody is named."""
        described = """([id, kind]) => {
            const {state, track, persistentTrack, off, blocked, subscribed} = call.participants()[id].tracks[kind];
            return {state, off, blocked, subscribed, track: track?.id, persistent: persistentTrack?.id};
        }"""
        shown: Mapping[str, Any] = await self.page.evaluate(described, [of or "local", kind])
        return shown

    async def until_track(self, kind: str, state: str, of: str | None = None) -> Mapping[str, Any]:
        """Wait until a participant's track has a state."""
        reached = "([id, kind, state]) => call.participants()[id]?.tracks[kind]?.state === state"
        await self.until(reached, [of or "local", kind, state])
        return await self.track(kind, of)
