"""Where the front door sends requests to a caller: to its Contact if packets may go there, else to its source."""

from __future__ import annotations

import pytest

from simulator.destinations import Destinations
from simulator.front_door.own_requests import caller_hop
from simulator.sip_requests.hop import Hop
from simulator.timeline import Timeline

SOURCE = Hop("127.0.0.1", 5980)


@pytest.mark.parametrize(
    ("contact", "hop"),
    [
        (b"sip:ann@127.0.0.2:5070", Hop("127.0.0.2", 5070)),
        (b"sip:ann@localhost:5070", Hop("127.0.0.1", 5070)),
        (b"sip:ann@192.0.2.1;maddr=127.0.0.3", Hop("127.0.0.3", 5060)),
        (b"sip:ann@10.0.0.5", Hop("10.0.0.5", 5060)),
    ],
)
def test_a_contact_where_packets_may_go_is_used(contact: bytes, hop: Hop) -> None:
    timeline = Timeline()
    destinations = Destinations(["10.0.0.5"], timeline=timeline, is_own=lambda address: False)
    assert caller_hop(contact, SOURCE, destinations, sip_call_id="a@b") == hop
    assert list(timeline.records()) == []


@pytest.mark.parametrize(
    ("contact", "host"),
    [
        (b"sip:ann@host.example", "host.example"),
        (b"sip:ann@192.0.2.66:5070;transport=tcp", "192.0.2.66"),
        (b"sip:ann@127.0.0.1;maddr=192.0.2.66", "192.0.2.66"),
        (b"sip:ann@[::1]", "[::1]"),
    ],
)
def test_any_other_contact_gives_way_to_the_source_with_a_record(contact: bytes, host: str) -> None:
    timeline = Timeline()
    destinations = Destinations(timeline=timeline, is_own=lambda address: False)
    assert caller_hop(contact, SOURCE, destinations, sip_call_id="a@b") == SOURCE
    (record,) = timeline.records(kind="destination")
    assert record.fields["host"] == host
    assert record.fields["sent_to"] == "127.0.0.1:5980"
    assert record.fields["sip_call_id"] == "a@b"
