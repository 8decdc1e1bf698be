"""Messages whose header fields cannot be used: the front door and a worker's own port treat and record them alike.

A request gets 400 with the reason where its top Via says who has sent it (RFC 3261 §8.2, §18.2.2). An ACK, a response
and a request without usable Via are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.timeline import Record
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, Transport
from tests.interop.public_cases.room_calls import dialled_in

Place = Literal["front door", "worker"]
each_place = pytest.mark.parametrize("place", ["front door", "worker"])
each_transport = pytest.mark.parametrize("transport", ["udp", "tcp"])


def field(name: str, *lines: str) -> Callable[[str], str]:
    """Replace a header field by these lines."""

    def change(text: str) -> str:
        assert f"\r\n{name}: " in text
        return re.sub(rf"(?<=\r\n){name}: [^\r]*\r\n", "".join(f"{line}\r\n" for line in lines), text)

    return change


REFUSED = {
    "no From": (field("From"), "0 From headers, exactly one is required"),
    "no To": (field("To"), "0 To headers, exactly one is required"),
    "no Call-ID": (field("Call-ID"), "0 Call-ID headers, exactly one is required"),
    "no CSeq": (field("CSeq"), "0 CSeq headers, exactly one is required"),
    "nothing but Via": (
        lambda text: field("From")(field("To")(field("Call-ID")(field("CSeq")(text)))),
        "0 Call-ID headers, exactly one is required",
    ),
    "an unclosed From": (field("From", "From: <sip:a"), "From <sip:a is not a valid address"),
    "an empty From": (field("From", "From: "), "From  is not a valid address"),
    "a To that is none": (field("To", "To: zork zork <"), "To zork zork < is not a valid address"),
    "a To with NUL": (field("To", "To: <sip:a\0@b>"), "NUL, CR or LF in header line To: <sip:a?@b>"),
    "an empty Call-ID": (field("Call-ID", "Call-ID: "), "Call-ID  is not one word of printable ASCII"),
    "a Call-ID of two words": (field("Call-ID", "Call-ID: a b"), "Call-ID a b is not one word of printable ASCII"),
    "two From": (field("Max-Forwards", "From: <sip:a@b>;tag=c"), "2 From headers, exactly one is required"),
    "two Call-ID": (field("Max-Forwards", "Call-ID: c"), "2 Call-ID headers, exactly one is required"),
    "two CSeq": (field("Max-Forwards", "CSeq: 1 OPTIONS"), "2 CSeq headers, exactly one is required"),
    "another Via that is none": (field("Max-Forwards", "Via: zork"), "Via zork cannot be parsed"),
    "an unusable Max-Forwards": (
        field("Max-Forwards", "Max-Forwards: zork"),
        "Max-Forwards zork is not a number from 0 to 255",
    ),
    "a line without colon": (field("Max-Forwards", "zork"), "header line without colon zork"),
    "a blank line before it": (
        lambda text: "\r\n" + field("From")(text),
        "0 From headers, exactly one is required",
    ),
    "a repairable field beside it": (
        lambda text: field("From")(field("Contact", "Authorization: Basic abc")(text)),
        "0 From headers, exactly one is required",
    ),
}
IGNORED = {
    "no Via": (field("Via"), "no usable Via"),
    "a Via that is none": (field("Via", "Via: zork"), "no usable Via"),
    "a Via without host": (field("Via", "Via: SIP/2.0/UDP ;branch=z9hG4bKa"), "no usable Via"),
}


@each_place
@each_transport
@pytest.mark.parametrize("what", REFUSED)
async def test_a_request_is_refused_with_the_reason(
    fake_daily: FakeDaily, place: Place, transport: Transport, what: str
) -> None:
    change, reason = REFUSED[what]
    async with RawUserAgent(transport) as agent:
        dialog = outside_of_dialogs(agent, address_of(fake_daily, place))
        await agent.send(change(dialog.text("OPTIONS")), dialog.peer)
        response = await agent.receive("SIP/2.0")
        assert response.status == (400, f"Bad Request: {reason}")
        await works(agent, dialog)
    record = await recorded(fake_daily, agent, refused=400, reason=f"Bad Request: {reason}")
    assert record.fields["transport"] == transport.upper()
    assert record.fields.get("worker") == (address_of(fake_daily, place) if place == "worker" else None)


@each_place
@each_transport
@pytest.mark.parametrize("what", IGNORED)
async def test_a_request_that_cannot_be_answered_is_recorded(
    fake_daily: FakeDaily, place: Place, transport: Transport, what: str
) -> None:
    change, why = IGNORED[what]
    await is_ignored(fake_daily, place, transport, lambda dialog: change(dialog.text("OPTIONS")), why)


@each_place
async def test_a_datagram_that_is_no_message_is_recorded(fake_daily: FakeDaily, place: Place) -> None:
    await is_ignored(fake_daily, place, "udp", lambda _: "zork" * 10 + "\r\n\r\n", "no usable Via")


@each_place
@each_transport
@pytest.mark.parametrize("what", REFUSED)
async def test_an_ack_is_never_answered(fake_daily: FakeDaily, place: Place, transport: Transport, what: str) -> None:
    change, reason = REFUSED[what]
    why = f"invalid ACK, which is never answered: 400 Bad Request: {reason}"
    await is_ignored(fake_daily, place, transport, lambda dialog: change(dialog.text("ACK")), why)


@each_place
@each_transport
@pytest.mark.parametrize(
    "change",
    [field("CSeq"), field("Call-ID"), field("Via"), field("Via", "Via: zork")],
    ids=["no CSeq", "no Call-ID", "no Via", "a Via that is none"],
)
async def test_a_response_is_ignored_and_recorded(
    fake_daily: FakeDaily, place: Place, transport: Transport, change: Callable[[str], str]
) -> None:
    await is_ignored(fake_daily, place, transport, lambda dialog: change(response(dialog)), "malformed response")


@each_transport
@pytest.mark.parametrize(
    "change",
    [
        field("From"),
        field("From", "From: <sip:a"),
        field("To", "To: zork zork <"),
        lambda text: text.replace("200 OK", "999 OK"),
    ],
    ids=["no From", "an unclosed From", "a To that is none", "a status above 699"],
)
async def test_a_response_that_a_worker_cannot_use(
    fake_daily: FakeDaily, transport: Transport, change: Callable[[str], str]
) -> None:
    await is_ignored(fake_daily, "worker", transport, lambda dialog: change(response(dialog)), "malformed response")


@each_transport
async def test_a_message_that_is_too_long_for_a_worker(fake_daily: FakeDaily, transport: Transport) -> None:
    async with RawUserAgent(transport) as agent:
        dialog = outside_of_dialogs(agent, address_of(fake_daily, "worker"))
        await agent.send(dialog.text("OPTIONS", headers={"X-Long": "x" * 4000}), dialog.peer)
        response = await agent.receive("SIP/2.0")
        assert response.status == (513, "Message Too Large: 4000 bytes, at most 3999 are allowed")


@pytest.mark.parametrize(
    ("transport", "change", "reason"),
    [
        ("udp", field("Content-Length", "Content-Length: -1"), "Content-Length -1 is not a number"),
        ("tcp", field("Content-Length", "Content-Length: -1"), "Content-Length -1 is not a number"),
        ("udp", field("Content-Length", "Content-Length: 9"), "Content-Length 9 exceeds the 0 bytes there"),
        ("tcp", field("Content-Length"), "a message on a stream needs a Content-Length"),
    ],
)
async def test_a_content_length_that_a_worker_cannot_use(
    fake_daily: FakeDaily, transport: Transport, change: Callable[[str], str], reason: str
) -> None:
    async with RawUserAgent(transport) as agent:
        dialog = outside_of_dialogs(agent, address_of(fake_daily, "worker"))
        await agent.send(change(dialog.text("OPTIONS")), dialog.peer)
        assert (await agent.receive("SIP/2.0")).status == (400, f"Bad Request: {reason}")
        await works(agent, dialog)


@pytest.mark.parametrize("method", ["INFO", "BYE", "INVITE", "UPDATE", "ACK"])
@pytest.mark.parametrize("what", ["no CSeq", "an unclosed From", "two Call-ID"])
async def test_within_a_call_it_leaves_the_call_alone(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, method: str, what: str
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        host, _, port = call.dialog.request_uri.rpartition("@")[2].partition(";")[0].partition(":")
        assert f"{host}:{port}" != fake_daily.network.address
        await call.agent.send(REFUSED[what][0](call.dialog.text(method)), (host, int(port)))
        if method != "ACK":
            response = await call.agent.receive("SIP/2.0 4")
            assert response.status == (400, f"Bad Request: {REFUSED[what][1]}")
        assert (await call.response_to("OPTIONS")).status[0] == 200


async def test_many_of_them_are_counted_in_one_record(fake_daily: FakeDaily) -> None:
    async with RawUserAgent() as agent:
        dialog = outside_of_dialogs(agent, address_of(fake_daily, "worker"))
        for _ in range(20):
            await agent.send(field("Via")(dialog.text("OPTIONS")), dialog.peer)
        await works(agent, dialog)
    counted = await recorded(fake_daily, agent, dropped="no usable Via", count=19)
    first = await recorded(fake_daily, agent, dropped="no usable Via", count=1)
    assert first.seq < counted.seq


async def is_ignored(
    daily: FakeDaily, place: Place, transport: Transport, text: Callable[[RawDialog], str], why: str
) -> None:
    """Send a message, which gets no response and a record."""
    async with RawUserAgent(transport) as agent:
        dialog = outside_of_dialogs(agent, address_of(daily, place))
        await agent.send(text(dialog), dialog.peer)
        await works(agent, dialog)
        assert len(agent.messages) == 1
    record = await recorded(daily, agent, dropped=why)
    assert record.fields.get("worker") == (address_of(daily, place) if place == "worker" else None)


async def recorded(daily: FakeDaily, agent: RawUserAgent, **fields: object) -> Record:
    """Wait for the record with these fields about a message of this peer; repetitions are recorded after 1 s."""

    def is_about_it(record: Record) -> bool:
        from_here = agent.transport == "tcp" or record.fields.get("peer") == agent.address
        return from_here and all(record.fields.get(name) == value for name, value in fields.items())

    record = await daily.timeline.wait(is_about_it, within=4)
    assert record is not None, fields
    return record


async def works(agent: RawUserAgent, dialog: RawDialog) -> None:
    """The same peer's next request is answered."""
    dialog.cseq += 7
    await dialog.request("OPTIONS")
    assert (await agent.final_response(f"{dialog.cseq} OPTIONS")).status[0] == 200


def response(dialog: RawDialog) -> str:
    text = dialog.text("OPTIONS")
    return "SIP/2.0 200 OK\r\n" + text.partition("\r\n")[2]


def address_of(daily: FakeDaily, place: Place) -> str:
    return next(iter(daily.gateway.group)).address if place == "worker" else daily.network.address


def outside_of_dialogs(agent: RawUserAgent, address: str) -> RawDialog:
    host, _, port = address.partition(":")
    return RawDialog.calling(agent, f"sip:x@{address}", through=(host, int(port)))
