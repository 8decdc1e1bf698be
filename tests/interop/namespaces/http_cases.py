"""Webhooks and `room_creation_api`s that name other machines."""

from __future__ import annotations

import asyncio

import httpx

from tests.interop.namespaces.cases import FOREIGN, NAME, NEIGHBOUR, Surroundings, case


@case("webhook and room_creation_api elsewhere")
async def webhooks(around: Surroundings) -> None:
    headers = {"Authorization": f"Bearer {around.daily.api_key}"}
    async with httpx.AsyncClient(base_url=around.daily.api_url, headers=headers, trust_env=False) as api:
        for url in (
            f"http://{NAME}/hook",
            f"http://{FOREIGN}/",
            f"http://127.0.0.1@{NEIGHBOUR}/",
            "http://3221225538/",
        ):
            answer = await api.post("/webhooks", json={"url": url})
            assert answer.status_code == 400, answer.text
            answer = await api.post("/", json={"properties": {"pinless_dialin": [{"room_creation_api": url}]}})
            assert answer.status_code == 200, answer.text


@case("webhook that redirects elsewhere")
async def redirecting_webhook(around: Surroundings) -> None:
    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 307 Go\r\nLocation: http://{FOREIGN}/\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(redirect, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        headers = {"Authorization": f"Bearer {around.daily.api_key}"}
        async with httpx.AsyncClient(base_url=around.daily.api_url, headers=headers, trust_env=False) as api:
            answer = await api.post("/webhooks", json={"url": url})
            assert answer.status_code == 400, answer.text
