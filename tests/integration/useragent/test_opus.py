"""Opus in PJSIP: fmtp, packet times, stereo, loss, malformed packets, digits."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise

import numpy as np
import pytest

from simulator.useragent import Call, DigitEnd, Media
from tests.integration.useragent.conftest import Connect
from tests.integration.useragent.party import Notices, Party
from tests.integration.useragent.raw_peer import RawPeer
from tests.integration.useragent.raw_rtp import Packet, RtpEnd, Samples, opus_packets
from tests.integration.useragent.test_audio import loudest, tone

OPUS = 97


def offer(port: int, *, fmtp: str = "", attributes: str = "", event_clock: int | None = 48000) -> str:
    events = f"a=rtpmap:101 telephone-event/{event_clock}\r\n" if event_clock else ""
    return (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {OPUS}{' 101' if event_clock else ''}\r\na=rtpmap:{OPUS} opus/48000/2\r\n"
        + (f"a=fmtp:{OPUS} {fmtp}\r\n" if fmtp else "")
        + events
        + attributes
    )


@asynccontextmanager
async def called(bob: Party, rtp: RtpEnd, sdp: str) -> AsyncIterator[tuple[Call, Notices, Media, str]]:
    """Call Bob with this offer; yields his call, its notices, its media and his SDP answer."""
    with RawPeer(bob.agent.address) as peer:
        peer.request("INVITE", sdp)
        call, _, notices = await bob.next_call()
        await call.answer(codecs=("OPUS",))
        answer = (await peer.receive("SIP/2.0 200")).body
        peer.request("ACK")
        yield call, notices, await notices.wait(Media), answer


def stream(packets: list[bytes], frame_ms: int = 20) -> Iterator[Packet]:
    for index, payload in enumerate(packets):
        yield Packet(OPUS, index, index * 48 * frame_ms, payload, marker=index == 0)


def steps_of(packets: list[Packet]) -> set[int]:
    return {later.timestamp - earlier.timestamp for earlier, later in pairwise(packets)}


async def receive_samples(call: Call, frames: int) -> Samples:
    """Return what the call receives in so many frames, from a PCM channel."""
    loop = asyncio.get_running_loop()
    with await call.open_pcm(16000) as sock:
        async with asyncio.timeout(frames * 0.02 + 3):
            return np.frombuffer(b"".join([await loop.sock_recv(sock, 4096) for _ in range(frames)]), np.int16)


async def test_the_sdp_of_opus_has_our_parameters(bob: Party) -> None:
    with RtpEnd() as rtp:
        async with called(bob, rtp, offer(rtp.port, fmtp="useinbandfec=1")) as (_, _, media, answer):
            assert (media.codec, media.clock_rate, media.payload_type) == ("OPUS", 48000, OPUS)
            assert f"a=rtpmap:{OPUS} opus/48000/2" in answer
            assert "maxplaybackrate=16000;sprop-maxcapturerate=16000;stereo=0;sprop-stereo=0" in answer


@pytest.mark.parametrize("value", ["7", "0", "11025", "99999999999999999999", "-1", "8000x", "", "16001", "44100"])
async def test_playback_rates_that_opus_does_not_have_are_ignored(bob: Party, value: str) -> None:
    with RtpEnd() as rtp:
        sdp = offer(rtp.port, fmtp=f"stereo=1; maxplaybackrate={value};MAXPLAYBACKRATE = {value}")
        async with called(bob, rtp, sdp) as (call, _, media, _):
            assert media.codec == "OPUS"
            assert len(await rtp.receive(5)) == 5
            await call.hang_up()
    assert bob.agent.alive


@pytest.mark.parametrize("rate", [8000, 12000, 24000, 48000])
async def test_playback_rates_of_opus_are_followed(bob: Party, rate: int) -> None:
    with RtpEnd() as rtp:
        async with called(bob, rtp, offer(rtp.port, fmtp=f"maxplaybackrate={rate}")) as (call, _, media, _):
            packets = stream(opus_packets(tone(700, 1.2, 48000)))
            samples, _ = await asyncio.gather(receive_samples(call, 45), rtp.send(packets, media.local_rtp, 0.02))
            sent = await rtp.receive(5)
    assert abs(loudest(samples[320 * 20 : 320 * 40], 16000) - 700) < 10
    assert steps_of(sent) == {960}


@pytest.mark.parametrize(("ptime", "step"), [(20, 960), (40, 1920), (60, 2880), (10, 960), (4000, 5760)])
async def test_the_ptime_of_the_peer_is_followed(bob: Party, ptime: int, step: int) -> None:
    with RtpEnd() as rtp:
        async with called(bob, rtp, offer(rtp.port, attributes=f"a=ptime:{ptime}\r\n")):
            packets = (await rtp.receive(8))[2:]
    assert steps_of(packets) == {step}


async def mean_size(bob: Party, fmtp: str) -> tuple[float, set[int]]:
    """Send noise to a peer with this fmtp; mean and set of our packets' sizes in bytes."""
    noise = (np.random.default_rng(1).normal(0, 3000, 16000)).astype(np.int16)
    with RtpEnd() as rtp:
        async with called(bob, rtp, offer(rtp.port, fmtp=fmtp)) as (call, _, _, _):
            with await call.open_pcm(16000) as sock:
                loop = asyncio.get_running_loop()
                for index in range(40):
                    await loop.sock_recv(sock, 4096)
                    await loop.sock_sendall(sock, noise[index * 320 :][:320].tobytes())
            sizes = [len(packet.payload) for packet in await rtp.receive(35)][10:]
    return sum(sizes) / len(sizes), set(sizes)


async def test_the_bit_rate_of_the_peer_is_followed(bob: Party) -> None:
    usual, _ = await mean_size(bob, "")
    few, _ = await mean_size(bob, "maxaveragebitrate=8000")
    _, constant = await mean_size(bob, "cbr=1")
    assert usual > 45
    assert few < 30
    assert len(constant) == 1


@pytest.mark.parametrize(("channels", "frame_ms"), [(1, 20), (2, 20), (1, 40), (2, 60), (1, 10)])
async def test_stereo_and_other_packet_times_are_decoded(bob: Party, channels: int, frame_ms: int) -> None:
    packets = opus_packets(tone(700, 1.6, 48000), channels=channels, frame_ms=frame_ms)
    with RtpEnd() as rtp:
        async with called(bob, rtp, offer(rtp.port, fmtp="sprop-stereo=1")) as (call, _, media, _):
            samples, _ = await asyncio.gather(
                receive_samples(call, 60), rtp.send(stream(packets, frame_ms), media.local_rtp, frame_ms / 1000)
            )
    middle = samples[320 * 25 : 320 * 50]
    assert abs(loudest(middle, 16000) - 700) < 10
    assert np.abs(middle.reshape(-1, 320)).max(axis=1).min() > 6000, "there are gaps"


async def test_lost_packets_are_concealed(bob: Party) -> None:
    packets = list(stream(opus_packets(tone(700, 1.6, 48000))))
    arrived = [packet for packet in packets if packet.sequence % 8 != 5]
    with RtpEnd() as rtp:
        async with called(bob, rtp, offer(rtp.port)) as (call, _, media, _):
            samples, _ = await asyncio.gather(receive_samples(call, 60), send_with_gaps(rtp, arrived, media.local_rtp))
            counted = await call.statistics()
    assert counted.lost_packets >= 5
    middle = samples[320 * 25 : 320 * 50].reshape(-1, 320)
    assert np.abs(middle).max(axis=1).min() > 3000, "a lost packet is silence"
    assert abs(loudest(middle.ravel(), 16000) - 700) < 10


async def send_with_gaps(rtp: RtpEnd, packets: list[Packet], to: str) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    for packet in packets:
        await asyncio.sleep(max(0.0, start + packet.sequence * 0.02 - loop.time()))
        await rtp.send(iter([packet]), to, 0)


async def test_malformed_packets_do_not_harm_later_ones(bob: Party) -> None:
    dice = random.Random(3)
    junk = [dice.randbytes(dice.choice([0, 1, 2, 3, 40, 1300, 1400])) for _ in range(150)]
    good = opus_packets(tone(700, 1.2, 48000))
    with RtpEnd() as rtp:
        async with called(bob, rtp, offer(rtp.port)) as (call, _, media, _):
            await rtp.send(stream(junk), media.local_rtp, 0.002)
            again = (Packet(OPUS, p.sequence + 150, p.timestamp + 150 * 960, p.payload) for p in stream(good))
            samples, _ = await asyncio.gather(receive_samples(call, 60), rtp.send(again, media.local_rtp, 0.02))
            await call.hang_up()
    assert bob.agent.alive
    assert abs(loudest(samples[320 * 30 : 320 * 50], 16000) - 700) < 10


@pytest.mark.parametrize("clock", [48000, 8000])
async def test_telephone_event_of_either_clock_works_beside_opus(bob: Party, clock: int) -> None:
    """Debian's baresip declares 8000 Hz, and like ours its event durations have the clock of the stream."""
    with RtpEnd() as rtp:
        async with called(bob, rtp, offer(rtp.port, event_clock=clock)) as (call, notices, media, answer):
            assert f"a=rtpmap:101 telephone-event/{clock}" in answer
            assert media.telephone_event == 101
            await call.send_digits("5", duration_ms=100)
            events = await rtp.receive(3, lambda packet: packet.payload_type == 101 and bool(packet.payload[1] & 0x80))
            assert {(event.payload[0], int.from_bytes(event.payload[2:4], "big")) for event in events} == {(5, 4800)}
            pressed = [event(n, 960 * (n + 1)) for n in range(5)] + [event(5 + n, 4800, end=True) for n in range(3)]
            await rtp.send(iter(pressed), media.local_rtp, 0.02)
            end = await notices.wait(DigitEnd)
    assert (end.digit, end.duration_ms) == ("7", 100)


def event(sequence: int, duration: int, *, end: bool = False) -> Packet:
    """A packet of the digit 7 (RFC 4733 §2.3)."""
    return Packet(101, sequence, 0, bytes([7, 0x80 | 10 if end else 10]) + duration.to_bytes(2, "big"))


@pytest.mark.parametrize("duration", [40, 100, 500])
async def test_digit_durations_beside_opus_are_kept(connect: Connect, duration: int) -> None:
    answered = await connect(codecs=("OPUS",))
    await answered.callee.send_digits("7", duration_ms=duration)
    end = await answered.caller_notices.wait(DigitEnd)
    assert end.digit == "7"
    assert abs(end.duration_ms - duration) <= 20


async def test_codecs_are_reused_by_later_calls(alice: Party, bob: Party) -> None:
    """Twelve calls one after the other, where a worker has at most four at a time."""
    for number in range(12):
        call, notices = await alice.dial(bob, codecs=("OPUS",))
        other, _, other_notices = await bob.next_call()
        await other.answer(codecs=("OPUS", "PCMU"))
        await notices.wait(Media)
        await other_notices.wait(Media)
        await (call, other)[number % 2].hang_up()
        await asyncio.gather(call.wait_ended(2), other.wait_ended(2))
    assert alice.agent.alive
    assert bob.agent.alive
