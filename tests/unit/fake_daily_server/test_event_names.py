"""Names of events and fields that a wait cannot meet are refused at once, with the nearest known word."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.event_names import check_events, webhook_events
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.room_properties import check_property_names
from simulator.errors import ConfigurationError


@pytest.mark.parametrize(
    ("names", "where", "said"),
    [
        (["dialout-answerd"], [], "did you mean 'dialout-answered'"),
        (["dialout-answered"], ["session_id"], "where.session_id: .* dialout-answered; did you mean 'sessionId'"),
        (["dialin-connected", "dialin-stopped"], ["sipFrm"], "where.sipFrm: .*'sipFrom'"),
        (
            ["participant-joined"],
            ["member.user_name"],
            "where.member.user_name: .* participant-joined, one of .*participant",
        ),
        ([], [], "at least one name"),
    ],
)
def test_a_clients_event_that_cannot_come(names: list[str], where: list[str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        check_events(names, where)


def test_a_webhook_event_that_cannot_come() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'session_id'"):
        check_events(["dialout.answered"], ["sessionId"], webhook_events())


def test_what_can_come_is_accepted() -> None:
    check_events(["participant-joined", "participant-left"], ["participant.user_name", "callClientId"])
    check_events(["dialout.answered"], ["session_id"], webhook_events())
    check_events(["recording.started"], ["recording_id"], webhook_events())


@pytest.mark.parametrize("name", ["enable_dialOut", "enableDialout", "enable_dialot"])
def test_a_misspelt_room_property(name: str) -> None:
    with pytest.raises(InvalidRequest, match=f"unknown property '{name}'; did you mean 'enable_dialout'"):
        check_property_names([name])
