"""A room of a running fake Daily, asked for over REST as any program would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx


class NoRoom(Exception):
    """There is no fake Daily, or it refused; the text says which and why."""


@dataclass(frozen=True)
class Room:
    """Where it is, a meeting token of an owner, and the SIP addresses of its dial-in endpoints."""

    url: str
    token: str
    sip_uris: tuple[str, ...]


async def must_run(api_url: str) -> None:
    """Raises NoRoom when no fake Daily answers there."""
    async with httpx.AsyncClient(trust_env=False) as http:
        await _look(http, api_url)


async def make_room(api_url: str, api_key: str, name: str | None, properties: Mapping[str, Any]) -> Room:
    """Take the room `name`, or create it with Daily's room properties; without a name always a new one.

    Raises NoRoom.
    """
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            http.headers["Authorization"] = f"Bearer {api_key}"
            found = await http.get(f"{api_url}/rooms/{name}") if name else None
            if found is None or found.status_code == httpx.codes.NOT_FOUND:
                body = {"properties": dict(properties)} | ({"name": name} if name else {})
                found = await http.post(f"{api_url}/rooms", json=body)
            room = _read(found)
            owner = {"room_name": room["name"], "is_owner": True}
            token = _read(await http.post(f"{api_url}/meeting-tokens", json={"properties": owner}))["token"]
        except httpx.TransportError as failure:
            raise NoRoom(f"no fake Daily answers at {api_url}: {failure}") from None
    sip_uri = room["config"].get("sip_uri")
    return Room(room["url"], token, (sip_uri["endpoint"], *sip_uri.get("extra_endpoints", ())) if sip_uri else ())


async def _look(http: httpx.AsyncClient, api_url: str) -> None:
    control = f"{api_url.removesuffix('/v1')}/_sim/openapi.json"
    try:
        answer = await http.get(control)
    except httpx.TransportError as failure:
        raise NoRoom(f"no fake Daily answers at {api_url}: {failure}") from None
    if answer.status_code != httpx.codes.OK:
        raise NoRoom(f"{api_url} is no fake Daily: {control} answers {answer.status_code}")


def _read(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if answer.is_success:
        return body
    raise NoRoom(
        f"{answer.request.method} {answer.request.url} answers {answer.status_code} {body.get('error')}: "
        f"{body.get('info')}"
    )
