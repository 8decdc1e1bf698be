"""Nothing leaves the machine, whatever peers name in SIP, SDP and HTTP; what the user has allowed by name does.

The server runs on a machine in a network namespace whose router and name server is a sink that keeps every packet.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.interop.namespaces.allowed_host import ALLOWED
from tests.interop.namespaces.isolated_machine import ADDRESS, SINK, IsolatedMachine

pytestmark = pytest.mark.interop("ip")

FOREIGN = "192.0.2.66"
NOT_RECORDED = {
    "3xx to": "redirects are not followed",
    "dialled URI": "the request itself is refused with an error",
    "webhook that redirects": "redirects are not followed",
    "request to a worker with a Via": "responses go to where the request came from",
    "Via with a maddr": "maddr of a Via is not obeyed",
    "media at a group": "the description is refused",
    "a second audio section": "it is refused in the answer",
    "RTCP at": "a=rtcp is not read when a relay is used, nor when it has a name",
    "media at a name": "the description is refused",
    "media at an IPv6 address": "the description is refused",
    "video at a name": "the section is refused",
    "video dialled out to a name": "the section is refused",
}
"""Parts of the names of cases in which no packet was about to go elsewhere, so that no refusal is recorded, and why."""


@pytest.fixture
def machine() -> Iterator[IsolatedMachine]:
    with IsolatedMachine(hosts={ALLOWED: FOREIGN}) as machine:
        yield machine


def test_the_sink_sees_packets_and_look_ups(machine: IsolatedMachine) -> None:
    program = f"""
import socket
socket.socket(type=socket.SOCK_DGRAM).sendto(b"hello", ("{FOREIGN}", 5060))
try:
    socket.getaddrinfo("host.example", None)
except OSError:
    pass
"""
    machine.run(sys.executable, "-c", program, within=20)
    packets = machine.take_packets()
    assert f"UDP to {FOREIGN}:5060: b'hello'" in packets
    assert any(packet.startswith(f"UDP to {SINK}:53: ") and "host" in packet for packet in packets)


@pytest.mark.parametrize("address", ["127.0.0.1", ADDRESS])
def test_hostile_peers_make_nothing_leave(machine: IsolatedMachine, address: str) -> None:
    printed = machine.run(sys.executable, "-m", "tests.interop.namespaces.hostile_peers", address, within=100)
    outcomes = [json.loads(line) for line in printed.splitlines()]
    assert len(outcomes) > 70
    assert machine.take_packets() == []
    assert {outcome["case"]: outcome["wrong"] for outcome in outcomes if outcome["wrong"]} == {}
    silent = [outcome["case"] for outcome in outcomes if outcome["refusals"] == 0]
    unexplained = [name for name in silent if not any(part in name for part in NOT_RECORDED)]
    assert not unexplained, unexplained


def test_a_host_that_is_allowed_by_name_is_called(machine: IsolatedMachine) -> None:
    command = machine.command(sys.executable, "-m", "tests.interop.namespaces.allowed_host", ADDRESS)
    packets: list[str] = []
    deadline = time.monotonic() + 20
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as program:
        while not any("INVITE" in packet for packet in packets) and time.monotonic() < deadline:
            packets += machine.take_packets()
            time.sleep(0.02)
        _, errors = program.communicate(b"")
    assert any(packet.startswith(f"UDP to {FOREIGN}:5060: b'INVITE sip:bob@{ALLOWED} ") for packet in packets), (
        packets,
        errors.decode(),
    )
    assert not any(f"{SINK}:53" in packet for packet in packets)
