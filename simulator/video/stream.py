"""One call's video: pictures in and out over plain RTP, encoded and decoded on threads of its own."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import cast

from aiortc.codecs import depayload, get_decoder, get_encoder
from aiortc.codecs.base import Decoder, Encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from av import FFmpegError, VideoFrame

from simulator.useragent.messages import VideoCodec, VideoMedia, VideoPort
from simulator.video import rtcp
from simulator.video.assembler import Assembler, Encoded, Packet
from simulator.video.wish import VideoWish

logger = logging.getLogger("simulator.video")

_CLOCK = 90_000
_HOST = "127.0.0.1"
_RECEIVE_BUFFER = 1 << 20
_REPORT_S = 2.0
_ASK_AGAIN_S = 0.5
"""Between requests for a key frame."""
_MOST_UNDECODED = 30
"""Pictures that may wait for the decoder; one more drops all, and a key frame is asked for."""
_TRIES = 50


@dataclass(slots=True)
class VideoCounts:
    """Since the stream was opened."""

    sent_pictures: int = 0
    sent_packets: int = 0
    sent_bytes: int = 0
    sent_key_frames: int = 0
    """Whole pictures: the first one, and one for each request of the peer."""
    received_packets: int = 0
    lost_packets: int = 0
    pictures: int = 0
    """Decoded."""
    requests_received: int = 0
    """For a key frame (RTCP PLI or FIR)."""
    requests_sent: int = 0


class VideoStream:
    """`await VideoStream.open(wish)`, tell the peer of `port`, `start` when it has agreed; `close` at the end.

    Used on one loop. `on_picture` gets every decoded picture.
    """

    def __init__(self, wish: VideoWish) -> None:
        self.wish = wish
        self.counts = VideoCounts()
        self.media: VideoMedia | None = None
        """What was negotiated."""
        self.on_picture: Callable[[VideoFrame], None] | None = None
        self.port: VideoPort
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="video")
        self._transports: list[asyncio.DatagramTransport] = []
        self._sending: asyncio.Task[None] | None = None
        self._decoding: asyncio.Task[None] | None = None
        self._next: VideoFrame | None = None
        self._waits = asyncio.Event()
        self._undecoded: deque[Encoded] = deque()
        self._came = asyncio.Event()
        self._key_wanted = True
        self._ssrc = random.getrandbits(32)
        self._peer_ssrc = 0
        self._sequence = random.getrandbits(15)
        self._began = random.getrandbits(31) - round(time.monotonic() * _CLOCK)
        self._timestamp = 0
        self._assembler = Assembler()
        self._codec: RTCRtpCodecParameters | None = None
        self._asked_at = 0.0
        self._report: asyncio.TimerHandle | None = None
        self._last_sent_at = 0.0

    @classmethod
    async def open(cls, wish: VideoWish) -> VideoStream:
        """Bind an even UDP port of 127.0.0.1 for RTP and the next one for RTCP. Raises OSError."""
        stream = cls(wish)
        rtp, rtcp_socket = _bind_pair()
        for sock, receive in ((rtp, stream._rtp_received), (rtcp_socket, stream._rtcp_received)):
            transport, _ = await stream._loop.create_datagram_endpoint(partial(_Receiver, receive), sock=sock)
            stream._transports.append(transport)
        stream.port = VideoPort(host=_HOST, rtp=rtp.getsockname()[1], codecs=wish.codecs)
        return stream

    def start(self, media: VideoMedia) -> None:
        """Video was agreed on, or goes elsewhere than before."""
        new_codec = self.media is None or self.media.codec != media.codec
        self.media = media
        if new_codec:
            self._stop_tasks()
            self._codec = RTCRtpCodecParameters(
                mimeType=f"video/{media.codec}", clockRate=_CLOCK, payloadType=media.payload_type
            )
            self._sending = asyncio.create_task(self._send_all(media.codec), name="video: sending")
            self._decoding = asyncio.create_task(self._decode_all(), name="video: decoding")
        self._key_wanted = True
        if self._report is None:
            self._send_report()

    def send(self, picture: VideoFrame) -> None:
        """Send this one next; one that still waits is passed over, and so are those that come too fast."""
        now = time.monotonic()
        if now - self._last_sent_at < 0.8 / self.wish.fps:
            return
        self._last_sent_at = now
        self._next = picture
        self._waits.set()

    def ask_for_key_frame(self) -> None:
        """Ask the peer for a whole picture (RTCP PLI), at most twice a second."""
        if self.media is None or (now := time.monotonic()) - self._asked_at < _ASK_AGAIN_S:
            return
        self._asked_at = now
        self.counts.requests_sent += 1
        self._send_rtcp(rtcp.picture_loss(self._ssrc, self._peer_ssrc))

    def close(self) -> None:
        """Free ports and threads. Can be repeated."""
        self._stop_tasks()
        if self._report is not None:
            self._report.cancel()
            self._report = None
        for transport in self._transports:
            transport.close()
        self._transports.clear()
        self._threads.shutdown(wait=False)

    # --- out -------------------------------------------------------------------------------------------------

    async def _send_all(self, codec: VideoCodec) -> None:
        encoder: Encoder | None = None
        while True:
            await self._waits.wait()
            self._waits.clear()
            picture, self._next = self._next, None
            if picture is None or self.media is None or self.media.direction not in ("sendrecv", "recvonly"):
                continue
            if encoder is None:
                encoder = get_encoder(cast("RTCRtpCodecParameters", self._codec))
                cast("Vp8Encoder | H264Encoder", encoder).target_bitrate = self.wish.kbit_s * 1000
            whole, self._key_wanted = self._key_wanted, False
            payloads = await self._loop.run_in_executor(self._threads, self._encode, encoder, picture, whole)
            self.counts.sent_key_frames += whole
            self._send_packets(payloads)

    def _encode(self, encoder: Encoder, picture: VideoFrame, whole: bool) -> list[bytes]:
        width, height = fitted(picture.width, picture.height, self.wish.width, self.wish.height)
        own = picture.reformat(width=width, height=height, format="yuv420p")
        if own is picture:
            own = VideoFrame.from_ndarray(picture.to_ndarray(), format="yuv420p")
        own.pts = self._timestamp = round(time.monotonic() * _CLOCK) + self._began
        own.time_base = Fraction(1, _CLOCK)
        payloads, _ = encoder.encode(own, force_keyframe=whole)
        return payloads

    def _send_packets(self, payloads: list[bytes]) -> None:
        media = self.media
        if media is None or not self._transports:
            return
        for number, payload in enumerate(payloads, start=1):
            packet = RtpPacket(
                payload_type=media.payload_type,
                marker=int(number == len(payloads)),
                sequence_number=self._sequence,
                timestamp=self._timestamp & 0xFFFFFFFF,
                ssrc=self._ssrc,
                payload=payload,
            )
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._transports[0].sendto(packet.serialize(), (media.remote_host, media.remote_rtp))
            self.counts.sent_bytes += len(payload)
        self.counts.sent_packets += len(payloads)
        self.counts.sent_pictures += bool(payloads)

    # --- in --------------------------------------------------------------------------------------------------

    def _rtp_received(self, data: bytes) -> None:
        try:
            packet = RtpPacket.parse(data)
        except ValueError:
            return
        if self._codec is None or self.media is None or packet.payload_type != self.media.payload_type:
            return
        self.counts.received_packets += 1
        self._peer_ssrc = packet.ssrc
        try:
            payload = depayload(self._codec, packet.payload) if packet.payload else b""
        except ValueError:
            return
        part = Packet(packet.sequence_number, packet.timestamp, bool(packet.marker), payload)
        for picture in self._assembler.add(part):
            if len(self._undecoded) >= _MOST_UNDECODED:
                self._undecoded.clear()
                self.ask_for_key_frame()
            self._undecoded.append(picture)
            self._came.set()
        self.counts.lost_packets = self._assembler.lost
        if self._assembler.broken:
            self._assembler.broken = False
            self.ask_for_key_frame()

    async def _decode_all(self) -> None:
        decoder = get_decoder(cast("RTCRtpCodecParameters", self._codec))
        while True:
            await self._came.wait()
            self._came.clear()
            while self._undecoded:
                encoded = self._undecoded.popleft()
                pictures = await self._loop.run_in_executor(self._threads, _decode, decoder, encoded)
                if not pictures and self.counts.pictures == 0:
                    self.ask_for_key_frame()
                for picture in pictures:
                    self.counts.pictures += 1
                    if self.on_picture is not None:
                        self.on_picture(picture)

    # --- RTCP ------------------------------------------------------------------------------------------------

    def _rtcp_received(self, data: bytes) -> None:
        if rtcp.wants_key_frame(data):
            self.counts.requests_received += 1
            self._key_wanted = True

    def _send_report(self) -> None:
        counts = self.counts
        self._send_rtcp(rtcp.report(self._ssrc, self._timestamp, counts.sent_packets, counts.sent_bytes))
        self._report = self._loop.call_later(_REPORT_S, self._send_report)

    def _send_rtcp(self, data: bytes) -> None:
        if self.media is not None and self._transports:
            self._transports[1].sendto(data, (self.media.remote_host, self.media.remote_rtcp))

    def _stop_tasks(self) -> None:
        for task in (self._sending, self._decoding):
            if task is not None:
                task.cancel()
        self._sending = self._decoding = None


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._receive(data)

    def error_received(self, exc: Exception) -> None:
        """The peer's port is closed: it has hung up, which SIP tells."""


def fitted(width: int, height: int, most_width: int, most_height: int) -> tuple[int, int]:
    """The even size of a picture that is made smaller to fit, its shape kept."""
    shrink = min(1.0, most_width / width, most_height / height)
    return max(2, int(width * shrink) // 2 * 2), max(2, int(height * shrink) // 2 * 2)


def _decode(decoder: Decoder, encoded: Encoded) -> list[VideoFrame]:
    try:
        frames = decoder.decode(JitterFrame(encoded.data, encoded.timestamp))
    except FFmpegError:
        return []
    return [frame for frame in frames if isinstance(frame, VideoFrame)]


def _bind_pair() -> tuple[socket.socket, socket.socket]:
    for _ in range(_TRIES):
        first = _bound(0)
        port = first.getsockname()[1]
        try:
            other = _bound(port ^ 1)
        except OSError:
            first.close()
            continue
        return (first, other) if port % 2 == 0 else (other, first)
    raise OSError("no two UDP ports side by side are free on 127.0.0.1")


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        sock.bind((_HOST, port))
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock
