"""What a client keeps of the events that it receives."""

from __future__ import annotations

from fake_daily_server.handles.client_events import MOST_EVENTS, ClientEvents


def test_the_latest_events_are_kept() -> None:
    events = ClientEvents()
    for number in range(MOST_EVENTS + 3):
        events.add({"action": "app-message", "data": number})
    kept = [item.event["data"] for item in events.items()]
    assert kept == [*range(3, MOST_EVENTS + 3)]
