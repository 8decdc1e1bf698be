"""A machine in a network namespace of its own, and a sink on the other end of its only cable that keeps what arrives.

The machine has loopback, one address, a default route and a name server, both of which are the sink. The sink answers
ARP for its own address and nothing else. Needs root and `ip`, on Linux.
"""

from __future__ import annotations

import ctypes
import ipaddress
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ADDRESS = "198.51.100.1"
"""The machine's own address."""
SINK = "198.51.100.254"
"""The address of the sink: the machine's router and name server."""
_NETWORK_NAMESPACE = 0x40000000  # CLONE_NEWNET
_ALL_PROTOCOLS = 3  # ETH_P_ALL
_OUTGOING = 4  # PACKET_OUTGOING


class IsolatedMachine:
    """`with IsolatedMachine() as machine:` makes both namespaces, and removes them at the end.

    `hosts` are names with their addresses that the machine knows without asking the name server.
    """

    def __init__(self, hosts: Mapping[str, str] | None = None) -> None:
        self._hosts = {"localhost": "127.0.0.1", **(hosts or {})}
        self.name = f"sim-machine-{os.getpid()}"
        self._sink_name = f"sim-sink-{os.getpid()}"
        self._resolver = Path("/etc/netns") / self.name
        self._socket: socket.socket

    def __enter__(self) -> Self:
        try:
            self._make()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._remove()

    def command(self, *words: str) -> list[str]:
        """The command line that runs `words` on the machine."""
        return ["ip", "netns", "exec", self.name, *words]

    def run(self, *words: str, within: float) -> str:
        """Run a program on the machine; returns what it printed. AssertionError with its output when it fails."""
        done = subprocess.run(
            self.command(*words),
            capture_output=True,
            text=True,
            check=False,
            timeout=within,
        )
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def take_packets(self) -> list[str]:
        """What has left the machine since the last call, a line each."""
        packets: list[str] = []
        while True:
            try:
                data, address = self._socket.recvfrom(65536)
            except BlockingIOError:
                return packets
            if address[2] != _OUTGOING:
                packets.append(_describe(data))

    def _make(self) -> None:
        outside, inside = f"sink{os.getpid()}", "cable"
        self._resolver.mkdir(parents=True)
        (self._resolver / "resolv.conf").write_text(f"nameserver {SINK}\noptions attempts:1 timeout:3\n")
        hosts = "".join(f"{address} {name}\n" for name, address in self._hosts.items())
        (self._resolver / "hosts").write_text(hosts)
        for name in (self._sink_name, self.name):
            _ip("netns", "add", name)
        _ip("-n", self._sink_name, "link", "add", outside, "type", "veth", "peer", inside, "netns", self.name)
        for name, link, address in ((self._sink_name, outside, SINK), (self.name, inside, ADDRESS)):
            # The kernel itself would send router solicitations and multicast reports.
            setting = f"/proc/sys/net/ipv6/conf/{link}/disable_ipv6"
            _run("ip", "netns", "exec", name, "sh", "-c", f"test ! -e {setting} || echo 1 > {setting}")
            _ip("-n", name, "link", "set", "lo", "up")
            _ip("-n", name, "addr", "add", f"{address}/24", "dev", link)
            _ip("-n", name, "link", "set", link, "up")
        _ip("-n", self.name, "route", "add", "default", "via", SINK)
        self._socket = _packet_socket(self._sink_name, outside)

    def _remove(self) -> None:
        for name in (self.name, self._sink_name):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        shutil.rmtree(self._resolver, ignore_errors=True)


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"


def _packet_socket(namespace: str, link: str) -> socket.socket:
    """A raw socket on a link of another namespace: made on a thread that has entered it."""
    made: list[socket.socket] = []

    def make() -> None:
        libc: Any = ctypes.CDLL(None, use_errno=True)
        with Path("/run/netns", namespace).open() as entered:
            if libc.setns(entered.fileno(), _NETWORK_NAMESPACE) != 0:
                return
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_PROTOCOLS))
        raw.bind((link, 0))
        raw.setblocking(False)
        made.append(raw)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert made, f"the namespace {namespace} could not be entered"
    return made[0]


def _describe(frame: bytes) -> str:
    """One Ethernet frame in a line."""
    kind, packet = int.from_bytes(frame[12:14]), frame[14:]
    if kind == 0x0806:
        return f"ARP for {ipaddress.IPv4Address(packet[24:28])}"
    if kind != 0x0800:
        return f"ethertype {kind:#06x}: {packet[:40]!r}"
    protocol, payload = packet[9], packet[4 * (packet[0] & 15) :]
    target = f"{ipaddress.IPv4Address(packet[16:20])}:{int.from_bytes(payload[2:4])}"
    if protocol == 17:
        return f"UDP to {target}: {payload[8:88]!r}"
    return f"TCP to {target}" if protocol == 6 else f"IP protocol {protocol} to {target}"
