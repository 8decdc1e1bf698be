from __future__ import annotations

from fake_daily_server.signalling.events import EVENT_FIELDS


def test_every_event_has_its_name_and_the_id_of_the_receiving_client() -> None:
    assert [name for name, fields in EVENT_FIELDS.items() if not fields >= {"action", "callClientId"}] == []


def test_fields_have_the_names_that_clients_receive() -> None:
    assert EVENT_FIELDS["app-message"] == {"action", "callClientId", "data", "fromId"}
    assert EVENT_FIELDS["active-speaker-change"] == {"action", "callClientId", "activeSpeaker"}
    assert EVENT_FIELDS["dialin-error"] >= {"sessionId", "errorMsg", "sipCallId", "actionTraceId"}
