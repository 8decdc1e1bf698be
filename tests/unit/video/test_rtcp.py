"""RTCP packets checked with aiortc's implementation."""

from __future__ import annotations

import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpSdesPacket, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from simulator.video import rtcp


def test_picture_loss_is_a_receiver_report_and_a_pli() -> None:
    report, request = RtcpPacket.parse(rtcp.picture_loss(7, 9))
    assert isinstance(report, RtcpRrPacket)
    assert isinstance(request, RtcpPsfbPacket)
    assert (request.fmt, request.ssrc, request.media_ssrc) == (1, 7, 9)


def test_a_sender_report_with_the_cname() -> None:
    sent, named = RtcpPacket.parse(rtcp.sender_report(7, 90000, 12, 3456))
    assert isinstance(sent, RtcpSrPacket)
    assert (sent.ssrc, sent.sender_info.rtp_timestamp) == (7, 90000)
    assert (sent.sender_info.packet_count, sent.sender_info.octet_count) == (12, 3456)
    assert isinstance(named, RtcpSdesPacket)
    assert named.chunks[0].items == [(1, b"simulator")]


@pytest.mark.parametrize(("fmt", "requested"), [(1, True), (4, True), (2, False), (15, False)])
def test_pli_and_fir_request_a_key_frame(fmt: int, requested: bool) -> None:
    feedback = bytes(RtcpPsfbPacket(fmt=fmt, ssrc=1, media_ssrc=2, fci=bytes(8)))
    assert rtcp.requests_key_frame(feedback) is requested
    assert rtcp.requests_key_frame(bytes(RtcpRrPacket(ssrc=1, reports=[])) + feedback) is requested


@given(st.binary(max_size=64))
def test_any_bytes_can_be_parsed(data: bytes) -> None:
    assert rtcp.requests_key_frame(data) in (True, False)
