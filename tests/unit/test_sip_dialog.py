"""Dialogs by their messages, and the requests that end them when a worker has died."""

from __future__ import annotations

import pytest

from simulator.destinations import Destinations
from simulator.front_door.direct_calls import end_at_peer
from simulator.front_door.proxy_address import ProxyAddress
from simulator.sip_bytes import read
from simulator.sip_dialog import Replaces, SipDialog
from simulator.timeline import Timeline

PROXY = ProxyAddress("127.0.0.1", 5060)
LOOPBACK = Destinations(is_own=lambda address: False)
RESPONSE = (
    ("Via", "SIP/2.0/UDP 127.0.0.1:6000;rport=6000;received=127.0.0.1;branch=z9hG4bKa"),
    ("From", "<sip:us@127.0.0.1>;tag=Ours"),
    ("To", "<sip:them@127.0.0.1>;tag=theirs"),
    ("Call-ID", "c@h"),
    ("CSeq", "7 INVITE"),
    ("Record-Route", "<sip:127.0.0.1:5001;lr>, <sip:127.0.0.1:5002;lr>"),
    ("Record-Route", "<sip:127.0.0.1:5003;lr>"),
    ("Contact", '"them" <sip:them@127.0.0.1:7000;transport=udp>;expires=3'),
)


def dialled(*, answered: bool, without: str = "") -> SipDialog:
    headers = tuple(field for field in RESPONSE if field[0] != without)
    return SipDialog.of_response("sip:them@127.0.0.1:7001", headers, answered=answered)


def test_a_dialled_dialog() -> None:
    dialog = dialled(answered=True)
    assert dialog.ids == ("c@h", "ours", "theirs")
    assert dialog.target == "sip:them@127.0.0.1:7000;transport=udp"
    assert [route[15:19] for route in dialog.routes] == ["5003", "5002", "5001"]
    assert dialled(answered=False, without="Contact").target == "sip:them@127.0.0.1:7001"


def test_a_received_dialog() -> None:
    invite = (*RESPONSE[1:2], *RESPONSE[3:])
    dialog = SipDialog.of_ack(invite, (("From", "<sip:us@127.0.0.1>;tag=Ours"), ("To", "<sip:x@h>;tag=mine")))
    assert dialog.ids == ("c@h", "mine", "ours")
    assert dialog.answered
    assert [route[15:19] for route in dialog.routes] == ["5001", "5002", "5003"]


def test_an_answered_call_is_ended_with_a_bye() -> None:
    ended = end_at_peer(dialled(answered=True), PROXY, LOOPBACK)
    assert ended is not None
    message, hop = read(ended[0]), ended[1]
    assert message.flaw is None
    assert message.start == b"BYE sip:them@127.0.0.1:7000;transport=udp SIP/2.0"
    assert message.value(b"from") == b"<sip:us@127.0.0.1>;tag=Ours"
    assert message.value(b"to") == b"<sip:them@127.0.0.1>;tag=theirs"
    assert len(message.values(b"route")) == 3
    assert (hop.host, hop.port, hop.connection) == ("127.0.0.1", 5003, None)
    without_route = end_at_peer(dialled(answered=True, without="Record-Route"), PROXY, LOOPBACK)
    assert without_route is not None
    assert without_route[1].port == 7000


def test_a_call_that_is_not_answered_is_cancelled() -> None:
    ended = end_at_peer(dialled(answered=False), PROXY, LOOPBACK)
    assert ended is not None
    message, hop = read(ended[0]), ended[1]
    assert message.start == b"CANCEL sip:them@127.0.0.1:7001 SIP/2.0"
    assert message.value(b"via") == b"SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKa"
    assert message.value(b"to") == b"<sip:them@127.0.0.1>"
    assert message.value(b"cseq") == b"7 CANCEL"
    assert hop.port == 7001


@pytest.mark.parametrize(
    ("uri", "by_tcp"), [("sip:x@127.0.0.1:7000;transport=TCP", True), ("sip:x@127.0.0.1:7000", False)]
)
def test_the_transport_is_that_of_the_target(uri: str, *, by_tcp: bool) -> None:
    ended = end_at_peer(dialled(answered=True, without="Record-Route").with_target(uri), PROXY, LOOPBACK)
    assert ended is not None
    assert ended[1].host == "127.0.0.1"
    assert (ended[1].connection is not None) is by_tcp


def test_nothing_is_sent_to_a_contact_on_another_machine_and_that_is_recorded() -> None:
    timeline = Timeline()
    destinations = Destinations(timeline=timeline, is_own=lambda address: False)
    elsewhere = dialled(answered=True, without="Record-Route").with_target("sip:x@192.0.2.1")
    ended = end_at_peer(elsewhere, PROXY, destinations)
    assert ended is not None
    assert ended[0].startswith(b"BYE sip:x@192.0.2.1 SIP/2.0\r\n")
    assert (ended[1].host, ended[1].port) == ("127.0.0.1", 7001)
    (record,) = timeline.records(kind="destination")
    assert (record.fields["host"], record.fields["sent_to"]) == ("192.0.2.1", "127.0.0.1:7001")
    received = SipDialog("c", "<sip:a@h>;tag=1", "<sip:b@h>;tag=2", "sip:b@192.0.2.1", answered=True)
    assert end_at_peer(received, PROXY, destinations) is None


def test_a_contact_on_an_allowed_host_gets_the_bye() -> None:
    allowing = Destinations(("192.0.2.1",), is_own=lambda address: False)
    elsewhere = dialled(answered=True, without="Record-Route").with_target("sip:x@h;maddr=192.0.2.1")
    ended = end_at_peer(elsewhere, PROXY, allowing)
    assert ended is not None
    assert ended[1].host == "192.0.2.1"


def test_what_cannot_be_reached_is_left() -> None:
    received = SipDialog("c", "<sip:a@h>;tag=1", "<sip:b@h>;tag=2", "sip:b@127.0.0.1")
    assert end_at_peer(received, PROXY, LOOPBACK) is None


@pytest.mark.parametrize(
    ("value", "ids", "early_only"),
    [
        ("a@b;to-tag=X;from-tag=y", ("a@b", "x", "y"), False),
        (" a@b ; from-tag = y;early-only; to-tag=x", ("a@b", "x", "y"), True),
    ],
)
def test_replaces(value: str, ids: tuple[str, str, str], *, early_only: bool) -> None:
    replaces = Replaces.parse([value])
    assert (replaces.ids, replaces.early_only) == (ids, early_only)


@pytest.mark.parametrize(
    "values", [["a"], ["a;to-tag=1"], [";to-tag=1;from-tag=2"], ["a;to-tag=1;from-tag=2"] * 2, [""]]
)
def test_replaces_that_cannot_be_used(values: list[str]) -> None:
    with pytest.raises(ValueError, match="Replaces needs"):
        Replaces.parse(values)
