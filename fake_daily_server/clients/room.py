"""Creates or looks up a room of a running fake Daily over the REST API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx


class RoomUnavailable(Exception):
    """No fake Daily answers, or it refused a request; the text names the request and the reason."""


@dataclass(frozen=True)
class Room:
    """A room: its URL, an owner's meeting token, and the SIP URIs of its dial-in endpoints."""

    url: str
    token: str
    sip_uris: tuple[str, ...]


async def check_running(api_url: str) -> None:
    """Raise RoomUnavailable unless a fake Daily answers at `api_url`."""
    control = f"{api_url.removesuffix('/v1')}/_sim/openapi.json"
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            answer = await http.get(control)
        except httpx.TransportError as failure:
            raise _no_answer(api_url, failure) from None
    if answer.status_code != httpx.codes.OK:
        raise RoomUnavailable(
            f"{api_url} is no fake Daily: {control} answers {answer.status_code}; use the URL that the server prints"
        )


async def find_or_create_room(api_url: str, api_key: str, name: str | None, properties: Mapping[str, Any]) -> Room:
    """Return the room `name`, created with `properties` if it does not exist; without a name, create a new room.

    `properties` are Daily's room properties. Raises RoomUnavailable.
    """
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            http.headers["Authorization"] = f"Bearer {api_key}"
            answer = await http.get(f"{api_url}/rooms/{name}") if name else None
            if answer is None or answer.status_code == httpx.codes.NOT_FOUND:
                body = {"properties": dict(properties)} | ({"name": name} if name else {})
                answer = await http.post(f"{api_url}/rooms", json=body)
            room = _body(answer)
            owner = {"room_name": room["name"], "is_owner": True}
            token = _body(await http.post(f"{api_url}/meeting-tokens", json={"properties": owner}))["token"]
        except httpx.TransportError as failure:
            raise _no_answer(api_url, failure) from None
    sip_uri = room["config"].get("sip_uri")
    return Room(room["url"], token, (sip_uri["endpoint"], *sip_uri.get("extra_endpoints", ())) if sip_uri else ())


def _no_answer(api_url: str, failure: httpx.TransportError) -> RoomUnavailable:
    return RoomUnavailable(f"no fake Daily answers at {api_url}: {failure}; is the server running?")


def _body(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if answer.is_success:
        return body
    raise RoomUnavailable(
        f"{answer.request.method} {answer.request.url} answers {answer.status_code} {body.get('error')}: "
        f"{body.get('info')}"
    )
