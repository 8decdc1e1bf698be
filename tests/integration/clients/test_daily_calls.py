"""The module `daily` in rooms of a fake Daily, dialling real phones."""

from __future__ import annotations

import queue
from typing import Any

from fake_daily_server.clients.python.daily import CallClient, EventHandler
from fake_daily_server.sync import SyncFakeDaily
from simulator.sync import SyncNetwork


class Handler(EventHandler):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    def on_dialout_answered(self, data: dict[str, Any]) -> None:
        self.told.put(("answered", data["sessionId"]))


def test_a_client_dials_a_phone(sync_fake_daily: SyncFakeDaily, sync_phone_network: SyncNetwork) -> None:
    office = sync_phone_network.phone("+12065550142", calls=[{"then": "answer"}])
    room = sync_fake_daily.create_room(enable_dialout=True)
    answers: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
    handler = Handler()
    client = CallClient(event_handler=handler)

    client.join(room.url, room.owner_token, completion=lambda *answer: answers.put(answer))
    data, error = answers.get(timeout=5)
    assert error is None
    assert data["participants"]["local"]["info"]["isOwner"]

    client.start_dialout({"phoneNumber": office.number}, completion=lambda *answer: answers.put(answer))
    session_id, error = answers.get(timeout=5)
    assert error is None
    assert handler.told.get(timeout=5) == ("answered", session_id)

    client.leave(completion=lambda *answer: answers.put(answer))
    assert answers.get(timeout=5) == (None,)
    client.release()
