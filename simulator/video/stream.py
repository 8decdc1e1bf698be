"""The video of one call over plain RTP: pictures are encoded and decoded on two threads of its own."""

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
from functools import lru_cache, partial
from typing import cast

from aiortc.codecs import depayload, get_decoder
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from av import FFmpegError, VideoFrame

from simulator.return_address import Address, ReturnAddress
from simulator.video import rtcp
from simulator.video.assembler import EncodedPicture, PictureAssembler, VideoPacket
from simulator.video.encoder import PictureEncoder
from simulator.video.frame_pacer import FramePacer
from simulator.video.negotiated import NegotiatedVideo, VideoCodec, VideoPort
from simulator.video.preferences import VideoPreferences

logger = logging.getLogger("simulator.video")

_CLOCK = 90_000
_RECEIVE_BUFFER = 1 << 20
_REPORT_INTERVAL = 2.0
"""Seconds between sender reports."""
_REQUEST_INTERVAL = 0.5
"""Shortest time between two requests for a key frame, in seconds."""
_MAX_UNDECODED = 30
"""Maximum number of pictures that wait for the decoder; beyond it, all are dropped and a key frame is requested."""
_BIND_ATTEMPTS = 50


@dataclass(slots=True)
class VideoCounts:
    """Counters since the stream was opened."""

    sent_pictures: int = 0
    sent_packets: int = 0
    sent_bytes: int = 0
    sent_key_frames: int = 0
    """Key frames sent: the first picture, and one for each request of the peer."""
    received_packets: int = 0
    lost_packets: int = 0
    pictures: int = 0
    """Pictures received and decoded."""
    requests_received: int = 0
    """Requests for a key frame (RTCP PLI or FIR)."""
    requests_sent: int = 0


class VideoStream:
    """Sends and receives the video of one call.

    Open it with `await VideoStream.open(preferences)`, offer `port` to the peer, call `start` once video is negotiated
    and `close` at the end. `permitted` turns host and RTP port of the peer into the address to send to, or into None:
    then nothing is sent. With `symmetric` packets are sent to where those of the peer come from. Used on one loop.
    """

    def __init__(
        self, preferences: VideoPreferences, permitted: Callable[[str, int], str | None], *, symmetric: bool = True
    ) -> None:
        self.preferences = preferences
        self.counts = VideoCounts()
        self.media: NegotiatedVideo | None = None
        """The negotiated video; None before."""
        self.on_picture: Callable[[VideoFrame], None] | None = None
        """Called with every decoded picture."""
        self.port: VideoPort
        self._peer_rtp = ReturnAddress(symmetric=symmetric)
        self._peer_rtcp = ReturnAddress(symmetric=symmetric)
        self._permitted = lru_cache(maxsize=4)(permitted)
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="video")
        self._transports: list[asyncio.DatagramTransport] = []
        self._sending: asyncio.Task[None] | None = None
        self._decoding: asyncio.Task[None] | None = None
        self._next: VideoFrame | None = None
        """The picture to send next."""
        self._picture_waiting = asyncio.Event()
        self._undecoded: deque[EncodedPicture] = deque()
        self._encoded_waiting = asyncio.Event()
        self._key_frame_requested = True
        self._ssrc = random.getrandbits(32)
        self._peer_ssrc = 0
        self._sequence = random.getrandbits(15)
        self._timestamp_offset = random.getrandbits(31) - round(time.monotonic() * _CLOCK)
        self._timestamp = 0
        self._assembler = PictureAssembler()
        self._codec: RTCRtpCodecParameters | None = None
        self._last_request_at = 0.0
        self._report_timer: asyncio.TimerHandle | None = None
        self._pacer = FramePacer(preferences.fps)
        self._send_timer: asyncio.TimerHandle | None = None
        """Sends the next picture when it is due."""

    @classmethod
    async def open(
        cls,
        preferences: VideoPreferences,
        *,
        host: str,
        permitted: Callable[[str, int], str | None],
        symmetric: bool = True,
    ) -> VideoStream:
        """Bind an even UDP port of `host` for RTP and the next one for RTCP. Raises OSError."""
        stream = cls(preferences, permitted, symmetric=symmetric)
        rtp, rtcp_socket = _bind_port_pair(host)
        for sock, receive in ((rtp, stream._rtp_received), (rtcp_socket, stream._rtcp_received)):
            transport, _ = await stream._loop.create_datagram_endpoint(partial(_DatagramReceiver, receive), sock=sock)
            stream._transports.append(transport)
        stream.port = VideoPort(
            host=host, rtp=rtp.getsockname()[1], codecs=preferences.codecs, offered_order=preferences.offered_order
        )
        return stream

    def start(self, media: NegotiatedVideo) -> None:
        """Start sending and receiving as negotiated; call again if a re-INVITE changes address, direction or codec."""
        new_codec = self.media is None or self.media.codec != media.codec
        self.media = media
        self._peer_rtp.describe((media.remote_host, media.remote_rtp))
        self._peer_rtcp.describe((media.remote_host, media.remote_rtcp))
        if new_codec:
            self._stop_tasks()
            self._codec = RTCRtpCodecParameters(
                mimeType=f"video/{media.codec}", clockRate=_CLOCK, payloadType=media.payload_type
            )
            self._sending = asyncio.create_task(self._send_all(), name="video: sending")
            self._decoding = asyncio.create_task(self._decode_all(), name="video: decoding")
        self._key_frame_requested = True
        if self._report_timer is None:
            self._send_report()

    def send(self, picture: VideoFrame) -> None:
        """Send this picture as soon as the frame rate allows, instead of one that still waits."""
        self._next = picture
        if self._send_timer is None:
            self._send_timer = self._loop.call_later(self._pacer.wait_s(self._loop.time()), self._picture_is_due)

    def _picture_is_due(self) -> None:
        self._send_timer = None
        self._pacer.sent(self._loop.time())
        self._picture_waiting.set()

    def request_key_frame(self) -> None:
        """Request a key frame from the peer (RTCP PLI), at most twice a second."""
        if self.media is None or (now := time.monotonic()) - self._last_request_at < _REQUEST_INTERVAL:
            return
        self._last_request_at = now
        self.counts.requests_sent += 1
        self._send_rtcp(rtcp.picture_loss(self._ssrc, self._peer_ssrc))

    def close(self) -> None:
        """Close the sockets and end the threads. Does nothing if the stream is already closed."""
        self._stop_tasks()
        if self._report_timer is not None:
            self._report_timer.cancel()
            self._report_timer = None
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None
        for transport in self._transports:
            transport.close()
        self._transports.clear()
        self._threads.shutdown(wait=False)

    # --- sending ---------------------------------------------------------------------------------------------

    async def _send_all(self) -> None:
        encoder: PictureEncoder | None = None
        while True:
            await self._picture_waiting.wait()
            self._picture_waiting.clear()
            picture, self._next = self._next, None
            if picture is None or self.media is None or self.media.direction not in ("sendrecv", "recvonly"):
                continue
            size = fitted_size(picture.width, picture.height, self.preferences.width, self.preferences.height)
            if encoder is None or encoder.size != size:
                encoder = self._encoder(self.media.codec, size)
            key_frame, self._key_frame_requested = self._key_frame_requested, False
            self._timestamp = round(time.monotonic() * _CLOCK) + self._timestamp_offset
            payloads = await self._loop.run_in_executor(self._threads, _encode, encoder, picture, key_frame)
            self.counts.sent_key_frames += key_frame
            self._send_packets(payloads)

    def _encoder(self, codec: VideoCodec, size: tuple[int, int]) -> PictureEncoder:
        wish = self.preferences
        return PictureEncoder(codec, width=size[0], height=size[1], fps=wish.fps, kbit_s=wish.kbit_s)

    def _send_packets(self, payloads: list[bytes]) -> None:
        media, target = self.media, self._target(self._peer_rtp)
        if media is None or target is None or not self._transports:
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
            self._transports[0].sendto(packet.serialize(), target)
            self.counts.sent_bytes += len(payload)
        self.counts.sent_packets += len(payloads)
        self.counts.sent_pictures += bool(payloads)

    # --- receiving -------------------------------------------------------------------------------------------

    def _rtp_received(self, data: bytes, source: Address) -> None:
        try:
            packet = RtpPacket.parse(data)
        except ValueError:
            return
        if self._codec is None or self.media is None or packet.payload_type != self.media.payload_type:
            return
        self._peer_rtp.received_from(source, time.monotonic())
        self.counts.received_packets += 1
        self._peer_ssrc = packet.ssrc
        try:
            payload = depayload(self._codec, packet.payload) if packet.payload else b""
        except ValueError:
            return
        part = VideoPacket(packet.sequence_number, packet.timestamp, bool(packet.marker), payload)
        for picture in self._assembler.add(part):
            if len(self._undecoded) >= _MAX_UNDECODED:
                self._undecoded.clear()
                self.request_key_frame()
            self._undecoded.append(picture)
            self._encoded_waiting.set()
        self.counts.lost_packets = self._assembler.lost
        if self._assembler.reference_lost:
            self._assembler.reference_lost = False
            self.request_key_frame()

    async def _decode_all(self) -> None:
        decoder = get_decoder(cast("RTCRtpCodecParameters", self._codec))
        while True:
            await self._encoded_waiting.wait()
            self._encoded_waiting.clear()
            while self._undecoded:
                encoded = self._undecoded.popleft()
                pictures = await self._loop.run_in_executor(self._threads, _decode, decoder, encoded)
                if not pictures and self.counts.pictures == 0:
                    self.request_key_frame()
                for picture in pictures:
                    self.counts.pictures += 1
                    if self.on_picture is not None:
                        self.on_picture(picture)

    # --- RTCP ------------------------------------------------------------------------------------------------

    def _rtcp_received(self, data: bytes, source: Address) -> None:
        self._peer_rtcp.received_from(source, time.monotonic())
        if rtcp.requests_key_frame(data):
            self.counts.requests_received += 1
            self._key_frame_requested = True

    def _send_report(self) -> None:
        counts = self.counts
        self._send_rtcp(rtcp.sender_report(self._ssrc, self._timestamp, counts.sent_packets, counts.sent_bytes))
        self._report_timer = self._loop.call_later(_REPORT_INTERVAL, self._send_report)

    def _send_rtcp(self, data: bytes) -> None:
        target = self._target(self._peer_rtcp)
        if target is not None and self._transports:
            self._transports[1].sendto(data, target)

    def _target(self, address: ReturnAddress) -> tuple[str, int] | None:
        """Where to send packets to; None when there is no address yet, or none that may be sent to."""
        if address.target is None:
            return None
        host = self._permitted(*address.target)
        return None if host is None else (host, address.target[1])

    def _stop_tasks(self) -> None:
        for task in (self._sending, self._decoding):
            if task is not None:
                task.cancel()
        self._sending = self._decoding = None


class _DatagramReceiver(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._receive(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Ignore the error: the peer has closed its port because it has hung up, which SIP reports."""


def fitted_size(width: int, height: int, max_width: int, max_height: int) -> tuple[int, int]:
    """Even width and height of a picture scaled down to the maximum size, keeping its aspect ratio."""
    scale = min(1.0, max_width / width, max_height / height)
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def _encode(encoder: PictureEncoder, picture: VideoFrame, key_frame: bool) -> list[bytes]:
    width, height = encoder.size
    scaled = picture.reformat(width=width, height=height, format="yuv420p")
    if scaled is picture:  # others encode the same picture, and the encoder writes into it
        scaled = VideoFrame.from_ndarray(picture.to_ndarray(), format="yuv420p")
    return encoder.encode(scaled, key_frame=key_frame)


def _decode(decoder: Decoder, encoded: EncodedPicture) -> list[VideoFrame]:
    try:
        frames = decoder.decode(JitterFrame(encoded.data, encoded.timestamp))
    except FFmpegError:
        return []
    return [frame for frame in frames if isinstance(frame, VideoFrame)]


def _bind_port_pair(host: str) -> tuple[socket.socket, socket.socket]:
    for _ in range(_BIND_ATTEMPTS):
        first = _bound_socket(host, 0)
        port = first.getsockname()[1]
        try:
            other = _bound_socket(host, port ^ 1)
        except OSError:
            first.close()
            continue
        return (first, other) if port % 2 == 0 else (other, first)
    raise OSError(f"no pair of consecutive UDP ports is free on {host}")


def _bound_socket(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock
