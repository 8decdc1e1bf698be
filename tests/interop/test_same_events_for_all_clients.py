"""A Python bot, a page with daily-js and REST requests in one room: both clients get the same events in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.daily_module_client import DailyClient
from tests.interop.node import FOLDER
from tests.interop.program import Program, Programs

pytestmark = pytest.mark.interop("node", "daily-js")

TELEPHONY = ("dialin-", "dialout-", "dtmf-event")
Events = list[tuple[str, str]]
"""Pairs of an action, and the session, endpoint or participant of the event."""


@pytest.fixture
def bot(daily_room: RoomHandle) -> Iterator[DailyClient]:
    with DailyClient() as client:
        client.client.set_user_name("Bot")
        client.join(daily_room.url, daily_room.owner_token)
        yield client


class Page:
    """daily-js in a process of its own, which prints its events, and performs requests in app messages."""

    def __init__(self, program: Program, bot: DailyClient) -> None:
        self.program = program
        self._bot = bot

    @property
    def lines(self) -> list[dict[str, Any]]:
        whole, _, _ = self.program.read().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def events(self) -> list[dict[str, Any]]:
        return [line["event"] for line in self.lines if "event" in line]

    async def do(self, what: str, **more: Any) -> None:
        assert await asyncio.to_thread(self._bot.ask, "send_app_message", {"do": what, **more}, None) == (None,)

    async def participants(self) -> dict[str, Any]:
        looks = sum("participants" in line for line in self.lines)
        await self.do("look")
        await self.program.wait_for_output(rf'(?m)(?:^\{{"participants"[\s\S]*?\n){{{looks + 1}}}')
        participants: dict[str, Any] = [line["participants"] for line in self.lines if "participants" in line][-1]
        return participants


def telephony_events(events: Iterable[Mapping[str, Any]]) -> Events:
    """The events of calls, and of participants who join or leave."""
    found: Events = []
    for event in events:
        action = event["action"]
        if action.startswith(TELEPHONY):
            found.append((action, event.get("sessionId", event.get("sipEndpoint"))))
        elif action in ("participant-joined", "participant-left"):
            found.append((action, event["participant"]["session_id"]))
    return found


def as_events(bot: DailyClient) -> Iterator[dict[str, Any]]:
    """The bot's callbacks as events of daily-js."""
    for name, first, *_ in bot.handler.callbacks:
        action = name.replace("_", "-")
        if action == "dialin-ready":
            yield {"action": action, "sipEndpoint": first}
        elif action.startswith(TELEPHONY):
            yield {"action": action, **first}
        elif action in ("participant-joined", "participant-left"):
            yield {"action": action, "participant": {"session_id": first["id"]}}


async def test_a_bot_and_a_page_get_the_same_events_in_the_same_order(
    fake_daily: FakeDaily, daily_room: RoomHandle, phone_network: Network, bot: DailyClient, programs: Programs
) -> None:
    token = daily_room.token(is_owner=True, user_name="Page")
    page = Page(await programs.start("page", "node", FOLDER / "observer.mjs", daily_room.url, token), bot)
    await page.program.wait_for_output('"participants"', within=20)
    office = await phone_network.phone("+12065550142", calls=[{"ring_ms": 100, "then": "answer"}])
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(base_url=f"{fake_daily.api_url}/rooms/{daily_room.name}", headers=headers) as rest:
        dialled = await rest.post("/dialOut/start", json={"phoneNumber": office.number})
        session_id = dialled.json()["sessionId"]
        there = await office.wait_for_call()
        await there.wait_answered()
        await there.press("7")
        await asyncio.to_thread(bot.handler.wait_for, "dtmf_event")

        await page.do("press", settings={"sessionId": session_id, "tones": "12", "digitDurationMs": 100})
        await there.wait_for_digits("12")
        assert await asyncio.to_thread(
            bot.ask, "send_dtmf", {"sessionId": session_id, "tones": "34", "digitDurationMs": 100}
        ) == (None,)
        await there.wait_for_digits("34")
        pressed = await rest.post(
            "/dialOut/sendDTMF", json={"sessionId": session_id, "tones": "56", "digitDurationMs": 100}
        )
        assert pressed.status_code == 200
        await there.wait_for_digits("56")

        caller = await phone_network.phone("+12065550199")
        await caller.dial(daily_room.sip_uris[0])
        connected, *_ = await asyncio.to_thread(bot.handler.wait_for, "dialin_connected")
        await asyncio.to_thread(
            bot.handler.wait_for, "participant_joined", lambda joined: joined["id"] == connected["sessionId"]
        )
        seen_by_page = await page.participants()
        seen_by_bot = bot.client.participants()
        present = (await rest.get("/presence")).json()["data"]

    names = {who["id"]: who["userName"] for who in present}
    assert names.keys() >= {session_id, connected["sessionId"], bot.session_id}
    assert {who["session_id"]: who["user_name"] for who in seen_by_page.values()} == names
    assert {who["id"]: who["info"]["userName"] for who in seen_by_bot.values()} == names
    assert {who["session_id"]: who["owner"] for who in seen_by_page.values()} == {
        who["id"]: who["info"]["isOwner"] for who in seen_by_bot.values()
    }

    await there.hang_up()
    await asyncio.to_thread(bot.handler.wait_for, "dialout_stopped")
    await page.program.wait_for_output("dialout-stopped")

    await page.do("leave")
    assert await page.program.wait_for_exit() == 0

    page_id = seen_by_page["local"]["session_id"]
    bots = telephony_events(as_events(bot))
    since_page = bots[bots.index(("participant-joined", page_id)) + 1 :]
    pages = telephony_events(page.events())
    assert pages == [("participant-joined", bot.session_id), *since_page[: len(pages) - 1]]
    assert telephony_events(fake_daily.events(daily_room))[-len(bots) :] == bots
    assert [action for action, of in since_page if of == session_id] == [
        "dialout-connected",
        "participant-joined",
        "dialout-answered",
        "dtmf-event",
        "participant-left",
        "dialout-stopped",
    ]
