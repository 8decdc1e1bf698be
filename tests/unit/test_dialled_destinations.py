"""Which SIP URIs a network dials: on this machine, and on allowed hosts when its own address reaches them."""

from __future__ import annotations

import pytest

from simulator.errors import HostNotAllowed
from simulator.network import Network

ALLOWED = ("pbx.example", "10.0.0.5")


@pytest.mark.parametrize(
    "target",
    ["sip:a@127.0.0.1:5070", "sip:a@localhost", "sip:a@127.8.0.1;transport=tcp", "sip:a@x.example;maddr=127.0.0.1"],
)
def test_this_machine_is_dialled(target: str) -> None:
    assert not Network().resolve(target).via_proxy


@pytest.mark.parametrize(
    "target", ["sip:a@192.0.2.66", "sip:a@other.example", "sip:a@127.0.0.1;maddr=192.0.2.66", "sip:a@127.1.example"]
)
@pytest.mark.parametrize("host", ["127.0.0.1", "198.51.100.1"])
def test_other_hosts_are_not(host: str, target: str) -> None:
    with pytest.raises(HostNotAllowed, match="add the host to allow_hosts"):
        Network(host=host, allow_hosts=ALLOWED).resolve(target)


@pytest.mark.parametrize("target", ["sip:a@PBX.example", "sip:a@10.0.0.5:5070", "sip:a@x.example;maddr=10.0.0.5"])
def test_allowed_hosts_need_an_address_that_reaches_them(target: str) -> None:
    with pytest.raises(HostNotAllowed, match="start it with host= an address of this machine"):
        Network(allow_hosts=ALLOWED).resolve(target)
    assert not Network(host="198.51.100.1", allow_hosts=ALLOWED).resolve(target).via_proxy
