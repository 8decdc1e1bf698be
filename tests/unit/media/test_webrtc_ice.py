"""ICE uses nothing but 127.0.0.1: a guard against changes in aiortc and aioice."""

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
    loopback_ice,
    uses_loopback_only,
)


def peer() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


async def test_a_loopback_peer_connection_has_one_candidate() -> None:
    connection = peer()
    with loopback_ice():
        connection.addTransceiver("audio")
        connection.addTransceiver("video")
    await connection.setLocalDescription(await connection.createOffer())
    candidates = {line for line in connection.localDescription.sdp.splitlines() if line.startswith("a=candidate")}
    assert uses_loopback_only(connection)
    assert len(candidates) == 1
    assert f" {LOOPBACK} " in candidates.pop()
    await connection.close()


async def test_other_peer_connections_in_this_process_are_unchanged() -> None:
    ours, theirs = peer(), peer()
    with loopback_ice():
        ours.addTransceiver("audio")
    theirs.addTransceiver("audio")
    assert (uses_loopback_only(ours), uses_loopback_only(theirs)) == (True, False)
    assert isinstance(rtcicetransport.RTCIceGatherer(iceServers=[])._connection, Connection)
    await asyncio.gather(ours.close(), theirs.close())


@pytest.mark.parametrize("host", ["192.0.2.7", "7f1a.local", "example.com", "::1", "0.0.0.0", "224.0.0.251"])
async def test_candidates_of_other_machines_are_ignored_and_no_name_is_resolved(
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


async def test_candidates_of_this_machine_are_added() -> None:
    connection = LoopbackConnection(ice_controlling=True)
    await connection.add_remote_candidate(candidate(LOOPBACK))
    assert [found.host for found in connection.remote_candidates] == [LOOPBACK]
    await connection.close()


def candidate(host: str) -> Candidate:
    return Candidate("1", 1, "udp", 1, host, 40000, "host")
