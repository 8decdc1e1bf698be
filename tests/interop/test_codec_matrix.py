"""Every codec with every form of telephone-event, offered in every way, with a digit in both directions.

The peer is a raw user agent, so that its descriptions are exactly those that are written here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.timeline import Record
from simulator.useragent.sip_text import SipMessage
from tests.interop.program import poll
from tests.interop.public_cases.raw_rtp import RtpSocket, digit_packets
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp, rtp_address
from tests.interop.room_events import wait_for_media
from tests.timeline_waits import wait_for_record

Codec = Literal["PCMU", "PCMA", "G722", "OPUS"]
Form = Literal["none", "8000 only", "at the codec's clock", "several", "payload type 10", "upper case"]

ENCODINGS: dict[Codec, str] = {"PCMU": "PCMU/8000", "PCMA": "PCMA/8000", "G722": "G722/8000", "OPUS": "opus/48000/2"}
PAYLOAD_TYPES: dict[Codec, int] = {"PCMU": 0, "PCMA": 8, "G722": 9, "OPUS": 96}
"""In offers of the agent. Its answers have the numbers of the offer, as RFC 3264 §6.1 recommends."""
SEVERAL = {97: 48000, 98: 16000, 99: 8000}
"""Clock rates by payload type, as linphone offers them."""
FROM_ROOM, TO_ROOM = "4", "7"
DURATION_MS = 60


@dataclass(frozen=True)
class Combination:
    """One cell of the matrix."""

    codec: Codec
    form: Form

    @property
    def clock(self) -> int:
        """The clock rate of the telephone-events that both sides have to use."""
        return 48000 if self.codec == "OPUS" and self.form != "8000 only" else 8000

    def events(self, offered: str | None) -> dict[int, str]:
        """The telephone-events of the agent's description: encoding by payload type.

        An answer repeats the numbers of the offer, except for the form that is about a number.
        """
        if self.form == "none":
            return {}
        if self.form == "payload type 10":
            return {10: f"telephone-event/{self.clock}"}
        if self.form == "several":
            clocks = SEVERAL if offered is None else {payload_type(offered, "telephone-event", 48000): 48000}
            if offered is not None:
                clocks |= {payload_type(offered, "telephone-event", 8000): 8000}
            return {number: f"telephone-event/{clock}" for number, clock in clocks.items()}
        number = 101 if offered is None else payload_type(offered, "telephone-event", self.clock)
        name = "TELEPHONE-EVENT" if self.form == "upper case" else "telephone-event"
        return {number: f"{name}/{self.clock}"}

    def sdp(self, port: int, *more: Codec, offered: str | None = None) -> str:
        """The agent's description: an offer, or the answer to `offered`. `more` are codecs that it lists behind."""
        codecs = {self.payload_type_of(codec, offered): ENCODINGS[codec] for codec in (self.codec, *more)}
        formats = {**codecs, **self.events(offered)}
        attributes = [f"a=rtpmap:{number} {encoding}" for number, encoding in formats.items()]
        if self.form != "several":  # linphone writes no range of events, which stands for 0-15 (RFC 4733 §2.4.1)
            attributes += [f"a=fmtp:{number} 0-15" for number in self.events(offered)]
        return audio_sdp(port, " ".join(map(str, formats)), "".join(f"{line}\r\n" for line in attributes))

    @staticmethod
    def payload_type_of(codec: Codec, offered: str | None) -> int:
        """The number of a codec in the agent's description."""
        if offered is None or codec != "OPUS":
            return PAYLOAD_TYPES[codec]
        return payload_type(offered, "opus", 48000)


def payload_type(sdp: str, name: str, clock: int) -> int:
    """The payload type with this encoding, which its m= line has to list."""
    found = re.search(rf"(?im)^a=rtpmap:(\d+) {name}/{clock}\b", sdp)
    assert found, f"no {name}/{clock} in {sdp}"
    listed = re.search(r"(?m)^m=audio \d+ \S+ (.*?)\s*$", sdp)
    assert listed
    assert found[1] in listed[1].split(), f"{found[1]} is not listed in {sdp}"
    return int(found[1])


@dataclass(frozen=True)
class Talk:
    """An established call of the agent."""

    combination: Combination
    dialog: RawDialog
    rtp: RtpSocket
    theirs: str
    """The room's description."""
    ours: str
    session_id: str

    def payload_type_in(self, sdp: str) -> int:
        """The payload type of the call's codec in a description."""
        name, clock = ENCODINGS[self.combination.codec].split("/")[:2]
        return payload_type(sdp, name, int(clock))


async def offer_in_the_invite(
    combination: Combination, agent: RawUserAgent, rtp: RtpSocket, daily: FakeDaily, room: RoomHandle, client: Client
) -> Talk:
    dialog = calling(agent, daily, room)
    ours = combination.sdp(rtp.port)
    answer = body(await dialog.call(ours))
    return Talk(combination, dialog, rtp, answer, ours, await session_of_caller(client))


async def late_offer(
    combination: Combination, agent: RawUserAgent, rtp: RtpSocket, daily: FakeDaily, room: RoomHandle, client: Client
) -> Talk:
    dialog = calling(agent, daily, room)
    await dialog.request("INVITE")
    response = await agent.receive("SIP/2.0 200")
    dialog.established(response)
    offer = body(response)
    ours = combination.sdp(rtp.port, offered=offer)
    await dialog.request("ACK", ours)
    return Talk(combination, dialog, rtp, offer, ours, await session_of_caller(client))


async def answer_with_several_codecs(
    combination: Combination, agent: RawUserAgent, rtp: RtpSocket, daily: FakeDaily, room: RoomHandle, client: Client
) -> Talk:
    session_id = await client.start_dialout({"sipUri": agent.uri})
    dialog = await RawDialog.called(agent)
    assert dialog.invite
    offer = body(dialog.invite)
    others = [codec for codec in ENCODINGS if codec != combination.codec]
    ours = combination.sdp(rtp.port, *others, offered=offer)
    await dialog.answer("200 OK", ours)
    await agent.receive("ACK ")
    await client.wait_for("dialout-answered")
    return Talk(combination, dialog, rtp, offer, ours, session_id)


async def reinvite_with_another_codec(
    combination: Combination, agent: RawUserAgent, rtp: RtpSocket, daily: FakeDaily, room: RoomHandle, client: Client
) -> Talk:
    before: Codec = "PCMA" if combination.codec == "PCMU" else "PCMU"
    dialog = calling(agent, daily, room)
    attributes = f"a=rtpmap:{PAYLOAD_TYPES[before]} {ENCODINGS[before]}\r\na=rtpmap:110 telephone-event/8000\r\n"
    await dialog.call(audio_sdp(rtp.port, f"{PAYLOAD_TYPES[before]} 110", attributes))
    session_id = await session_of_caller(client)
    assert (await wait_for_media(daily.network, session_id)).fields["codec"] == before
    ours = combination.sdp(rtp.port)
    await dialog.request("INVITE", ours)
    answer = body(await agent.receive("SIP/2.0 2", "SIP/2.0 4", "SIP/2.0 5"))
    await dialog.request("ACK")
    return Talk(combination, dialog, rtp, answer, ours, session_id)


def calling(agent: RawUserAgent, daily: FakeDaily, room: RoomHandle) -> RawDialog:
    host, _, port = daily.network.address.partition(":")
    return RawDialog.calling(agent, room.sip_uris[0], through=(host, int(port)))


def body(message: SipMessage) -> str:
    assert message.sdp, message
    return message.sdp


async def session_of_caller(client: Client) -> str:
    connected, _ = await client.wait_for(["dialin-connected", "participant-joined"])
    session_id: str = connected["sessionId"]
    return session_id


# --- what has to be true of every call -----------------------------------------------------------------------


async def has_the_codec(talk: Talk, daily: FakeDaily) -> int:
    """The room says which codec it uses, and sends it. Returns how many packets came before the first of that codec."""

    def found(record: Record) -> bool:
        of_session = record.kind == "media" and record.fields.get("session_id") == talk.session_id
        return of_session and record.fields.get("codec") == talk.combination.codec

    await wait_for_record(daily, found)
    talk.payload_type_in(talk.theirs)  # it is in the room's description, too
    wanted = talk.payload_type_in(talk.ours)

    def before_the_first() -> int | None:
        types = [packet.payload_type for packet in talk.rtp.rtp()]
        return types.index(wanted) if wanted in types else None

    return await poll(before_the_first, f"RTP with payload type {wanted}", within=4)


async def digits_by_telephone_event(talk: Talk, client: Client) -> None:
    """Each side sends with the payload type that the other has declared (RFC 3264 §5.1)."""
    clock = talk.combination.clock
    number = payload_type(talk.theirs, "telephone-event", clock)
    for marker, payload in digit_packets(int(TO_ROOM)):
        talk.rtp.send(rtp_address(talk.theirs), payload, payload_type=number, marker=marker, timestamp=4000)
    event = await client.wait_for("dtmf-event")
    assert (event["tone"], event["method"]) == (TO_ROOM, "telephone-event")

    await client.send_dtmf({"sessionId": talk.session_id, "tones": FROM_ROOM, "digitDurationMs": DURATION_MS})
    expected = payload_type(talk.ours, "telephone-event", clock)

    def last_packet() -> bytes | None:
        digits = (packet.payload for packet in talk.rtp.rtp() if packet.payload_type == expected)
        return next((payload for payload in digits if payload[1] & 0x80), None)

    end = await poll(last_packet, f"the end of a digit with payload type {expected}", within=4)
    assert end[0] == int(FROM_ROOM)


async def digits_by_sip_info(talk: Talk, client: Client) -> None:
    """Without telephone-event, digits are sent by SIP INFO."""
    agent = talk.dialog.agent
    text = f"Signal={TO_ROOM}\r\nDuration=160\r\n"
    await talk.dialog.request("INFO", text, content_type="application/dtmf-relay")
    await agent.receive("SIP/2.0 200")
    event = await client.wait_for("dtmf-event")
    assert (event["tone"], event["method"]) == (TO_ROOM, "sip-info")

    await client.send_dtmf({"sessionId": talk.session_id, "tones": FROM_ROOM, "digitDurationMs": DURATION_MS})
    info = await agent.receive("INFO ")
    await talk.dialog.answer("200 OK", to=info)
    assert f"Signal={FROM_ROOM}" in info.body


async def ends(talk: Talk, client: Client) -> None:
    await talk.dialog.request("BYE")
    await talk.dialog.agent.receive("SIP/2.0 200")
    await client.wait_for("participant-left")


Style = Callable[[Combination, RawUserAgent, RtpSocket, FakeDaily, RoomHandle, Client], Awaitable[Talk]]
STYLES: tuple[Style, ...] = (
    offer_in_the_invite,
    late_offer,
    answer_with_several_codecs,
    reinvite_with_another_codec,
)
ANSWERING = (late_offer, answer_with_several_codecs)
"""The agent's description is an answer."""
CODECS: tuple[Codec, ...] = ("PCMU", "PCMA", "G722", "OPUS")
FORMS: tuple[Form, ...] = ("none", "8000 only", "at the codec's clock", "several", "payload type 10", "upper case")
COMBINATIONS = [
    Combination(codec, form)
    for codec, form in itertools.product(CODECS, FORMS)
    if codec == "OPUS" or form != "at the codec's clock"  # that of all others is 8000
]
CELLS = [
    pytest.param(style, one, id=f"{style.__name__}-{one.codec}-{one.form}".replace("_", "-").replace(" ", "-"))
    for style, one in itertools.product(STYLES, COMBINATIONS)
]


@pytest.mark.parametrize(("style", "combination"), CELLS)
async def test_the_call_has_its_codec_and_digits_in_both_directions(
    style: Style, combination: Combination, fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        talk = await style(combination, agent, rtp, fake_daily, daily_room, daily_client)
        before = await has_the_codec(talk, fake_daily)
        await (digits_by_sip_info if combination.form == "none" else digits_by_telephone_event)(talk, daily_client)
        await ends(talk, daily_client)

    assert agent.count("INVITE ") == (style is answer_with_several_codecs), "a re-INVITE that nobody asked for"
    assert agent.count("UPDATE ") == 0
    events = combination.events(talk.theirs if style in ANSWERING else None)
    assert {packet.payload_type for packet in rtp.rtp()[before:]} <= {talk.payload_type_in(talk.ours), *events}
