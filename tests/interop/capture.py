"""Packets on the loopback interface: captured live and decoded by tshark, and found by Call-ID.

A capture may contain other calls too. A call's SIP is found by its Call-ID, its RTP ports and payload types by the SDP
in that SIP; nothing that the programs under test report is used.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import TracebackType

from tests.interop.program import Program, Programs, poll

DIGITS = "0123456789*#ABCD"
"""DTMF digits by event code (RFC 4733 §3.2)."""
START_TIMEOUT = 15
"""Seconds within which tshark must start, and must write a packet to the file."""
_LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
_SEPARATOR = "\x1f"
"""Separator between the values of a field that occurs several times in a packet."""
_FIELDS = (
    "frame.number",
    "udp.srcport",
    "udp.dstport",
    "sip.Method",
    "sip.Status-Code",
    "sip.Call-ID",
    "sip.CSeq",
    "sip.Content-Type",
    "sdp.media",
    "sdp.media_attr",
    "text",
    "rtp.p_type",
    "rtp.marker",
    "rtp.timestamp",
    "rtpevent.event_id",
    "rtpevent.end_of_event",
    "rtpevent.duration",
)


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet as tshark decoded it: all values of each field that is present."""

    fields: dict[str, list[str]]

    def get(self, field: str) -> str | None:
        """The first value of a field."""
        values = self.fields.get(field)
        return values[0] if values else None

    @property
    def source(self) -> int:
        """The source UDP port."""
        return int(self.fields["udp.srcport"][0])

    @property
    def destination(self) -> int:
        """The destination UDP port."""
        return int(self.fields["udp.dstport"][0])


@dataclass(frozen=True, slots=True)
class Sdp:
    """The audio section of an offer or answer on the wire."""

    port: int
    payload_types: tuple[int, ...]
    names: dict[int, str]
    """Encoding names, such as `PCMU/8000`, by payload type."""

    @classmethod
    def of(cls, packet: Packet) -> Sdp | None:
        """Parse the SDP of a packet; None if it has no audio section."""
        media = re.match(r"audio (\d+) RTP/AVP ([\d ]+)", packet.get("sdp.media") or "")
        if media is None:
            return None
        maps = (re.match(r"rtpmap:(\d+) (\S+)", line) for line in packet.fields.get("sdp.media_attr", []))
        names = {int(found[1]): found[2] for found in maps if found}
        return cls(int(media[1]), tuple(int(number) for number in media[2].split()), names)

    @property
    def codecs(self) -> list[str]:
        """Encoding names in order of preference, without telephone-event."""
        found = [self.names[number].partition("/")[0] for number in self.payload_types]
        return [name for name in found if name != "telephone-event"]

    def payload_type(self, name: str) -> int:
        """The payload type with this encoding name."""
        return next(number for number, own in self.names.items() if own.partition("/")[0] == name)


@dataclass(frozen=True, slots=True)
class WireDigit:
    """One digit on the wire: all telephone-event packets of one sender with the same RTP timestamp."""

    digit: str
    payload_types: frozenset[int]
    timestamp: int
    markers: tuple[bool, ...]
    ends: tuple[bool, ...]
    durations: tuple[int, ...]
    """Durations in the packets, in timestamp units: 8,000 a second for PCMU and for G722."""

    @classmethod
    def of(cls, packets: Iterable[Packet]) -> WireDigit:
        """Build a digit from its packets, oldest first."""
        own = list(packets)
        (event,) = {packet.get("rtpevent.event_id") for packet in own}
        return cls(
            digit=DIGITS[int(event or "")],
            payload_types=frozenset(int(packet.get("rtp.p_type") or "") for packet in own),
            timestamp=int(own[0].get("rtp.timestamp") or ""),
            markers=tuple(packet.get("rtp.marker") == "1" for packet in own),
            ends=tuple(packet.get("rtpevent.end_of_event") == "1" for packet in own),
            durations=tuple(int(packet.get("rtpevent.duration") or "") for packet in own),
        )


class CapturedCall:
    """One call of a capture: its SIP messages, and the RTP packets between the ports in its SDP."""

    def __init__(self, call_id: str, packets: list[Packet]) -> None:
        self.sip = [packet for packet in packets if packet.get("sip.Call-ID") == call_id]
        self.offer = self._sdp("INVITE", None)
        self.answer = self._sdp(None, "200")
        ports = {self.offer.port, self.answer.port}
        between = [packet for packet in packets if {packet.source, packet.destination} == ports]
        self.rtp = [packet for packet in between if packet.get("rtp.p_type") is not None]

    def _sdp(self, method: str | None, status: str | None) -> Sdp:
        for packet in self.sip:
            of_invite = (packet.get("sip.CSeq") or "").endswith("INVITE")
            if of_invite and (packet.get("sip.Method"), packet.get("sip.Status-Code")) == (method, status):
                found = Sdp.of(packet)
                if found is not None:
                    return found
        found_sip = [packet.fields for packet in self.sip]
        raise AssertionError(f"the {method or status} of the call in the capture has no SDP; its SIP: {found_sip}")

    def digits(self, sender: Sdp) -> list[WireDigit]:
        """The telephone-event digits that the side with this SDP sent."""
        events = [
            packet
            for packet in self.rtp
            if packet.source == sender.port and packet.get("rtpevent.event_id") is not None
        ]
        return [WireDigit.of(packets) for _, packets in groupby(events, key=lambda packet: packet.get("rtp.timestamp"))]

    def audio_payload_types(self, sender: Sdp) -> set[int]:
        """Payload types, other than telephone-event, of the RTP packets sent by the side with this SDP."""
        return {
            int(packet.get("rtp.p_type") or "")
            for packet in self.rtp
            if packet.source == sender.port and packet.get("rtpevent.event_id") is None
        }

    def infos(self) -> list[tuple[str, list[str]]]:
        """Content-Type and body lines of each SIP INFO; a forwarded or retransmitted one counts once."""
        requests = {p.get("sip.CSeq"): p for p in self.sip if p.get("sip.Method") == "INFO"}
        return [
            (packet.get("sip.Content-Type") or "", _body(packet.fields.get("text", []))) for packet in requests.values()
        ]


def _body(texts: list[str]) -> list[str]:
    lines = (text.replace("\\r", "").replace("\\n", "").strip() for text in texts)
    return [line for line in lines if line and line != "Timestamps"]


class Capture:
    """A capture by tshark: `async with Capture(programs) as capture: …`, then `await capture.call(call_id)`.

    At its start and end it waits until a packet of its own is in the file, because tshark reports too early that it is
    capturing.
    """

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._tshark: Program | None = None

    @property
    def file(self) -> Path:
        """The pcapng file."""
        if self._tshark is None:
            raise AssertionError("the capture was not started")
        return self._tshark.folder / "capture.pcapng"

    async def __aenter__(self) -> Capture:
        options = ("-i", _LOOPBACK, "-q", "-f", "udp", "-w", "capture.pcapng")
        self._tshark = await self._programs.start("tshark", "tshark", *options)
        await self._tshark.wait_for_output("Capturing on", within=START_TIMEOUT)
        await self._probe("starts")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tshark is not None:
            if error is None:
                await self._probe("is complete")
            await self._tshark.stop()

    async def _probe(self, what: str) -> None:
        """Send packets until one is in the file; as the kernel keeps the order, all earlier packets are in it, too."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            mark = secrets.token_bytes(16)
            start = self.file.stat().st_size if self.file.exists() else 0

            def look() -> bool | None:
                probe.sendto(mark, probe.getsockname())
                if not self.file.exists():
                    return None
                with self.file.open("rb") as written:
                    written.seek(start)
                    return mark in written.read() or None

            await poll(look, f"the capture {what}", within=START_TIMEOUT)

    async def call(self, call_id: str) -> CapturedCall:
        """Decode the packets of one call: its SIP ports are given to tshark, which finds the RTP ports in the SDP."""
        wanted = f'udp contains "{call_id}"'
        found = await asyncio.to_thread(self._decode, wanted, ("udp.srcport", "udp.dstport"), ())
        ports = sorted({port for packet in found for port in (packet.source, packet.destination)})
        if not ports:
            raise AssertionError(f"the capture has no packet with the Call-ID {call_id}")
        as_sip = tuple(option for port in ports for option in ("-d", f"udp.port=={port},sip"))
        return CapturedCall(call_id, await asyncio.to_thread(self._decode, f"({wanted}) or rtp", _FIELDS, as_sip))

    def _decode(self, wanted: str, fields: tuple[str, ...], options: tuple[str, ...]) -> list[Packet]:
        shape = ("-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", f"aggregator={_SEPARATOR}")
        names = tuple(option for field in fields for option in ("-e", field))
        command = ("tshark", "-n", "-r", str(self.file), *options, "-Y", wanted, *shape, *names)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        if done.returncode != 0:
            raise AssertionError(f"tshark could not decode {self.file}: {done.stderr}")
        rows = csv.reader(io.StringIO(done.stdout), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Packet({field: value.split(_SEPARATOR) for field, value in zip(fields, row, strict=True) if value})
            for row in rows
        ]
