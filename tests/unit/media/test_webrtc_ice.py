"""ICE stays on this machine, whatever aiortc and aioice become."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import aioice.mdns
import pytest
from aioice import Candidate, Connection
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, rtcicetransport

from fake_daily_server.media.webrtc_ice import (
    LOOPBACK,
    LoopbackConnection,
    is_of_this_machine,
    loopback_ice,
    stays_here,
)


def peer() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


async def test_our_peer_connections_have_one_candidate_on_loopback() -> None:
    connection = peer()
    with loopback_ice():
        connection.addTransceiver("audio")
        connection.addTransceiver("video")
    await connection.setLocalDescription(await connection.createOffer())
    candidates = {line for line in connection.localDescription.sdp.splitlines() if line.startswith("a=candidate")}
    assert stays_here(connection)
    assert len(candidates) == 1
    assert f" {LOOPBACK} " in candidates.pop()
    await connection.close()


async def test_those_of_others_in_this_process_are_left_alone() -> None:
    ours, theirs = peer(), peer()
    with loopback_ice():
        ours.addTransceiver("audio")
    theirs.addTransceiver("audio")
    assert (stays_here(ours), stays_here(theirs)) == (True, False)
    assert isinstance(rtcicetransport.RTCIceGatherer(iceServers=[])._connection, Connection)
    await asyncio.gather(ours.close(), theirs.close())


@pytest.mark.parametrize("host", ["192.0.2.7", "7f1a.local", "example.com", "::1", "0.0.0.0", "224.0.0.251"])
async def test_candidates_elsewhere_are_dropped_and_no_name_is_resolved(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(*args: Any) -> None:
        raise AssertionError("a name was resolved")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(aioice.mdns, "create_mdns_protocol", resolve)
    connection = LoopbackConnection(ice_controlling=True)
    await connection.add_remote_candidate(candidate(host))
    assert connection.remote_candidates == []
    await connection.close()


async def test_candidates_of_this_machine_are_taken() -> None:
    connection = LoopbackConnection(ice_controlling=True)
    await connection.add_remote_candidate(candidate(LOOPBACK))
    assert [found.host for found in connection.remote_candidates] == [LOOPBACK]
    await connection.close()
    assert is_of_this_machine("127.0.0.1")


def candidate(host: str) -> Candidate:
    return Candidate("1", 1, "udp", 1, host, 40000, "host")
