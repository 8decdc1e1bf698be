"""A capture whose disk is full ends with a record; SIP, RTP and the next capture go on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.timeline import Record

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is a device of Linux")

ANN, BOB = "+12065550142", "+12065550143"


async def call(network: Network) -> tuple[PhoneCall, PhoneCall]:
    ann, bob = await network.phone(ANN, name="ann"), await network.phone(BOB, name="bob")
    calling = await ann.dial(BOB)
    await calling.wait_answered()
    answered = await bob.wait_for_call()
    await answered.wait_answered()
    return calling, answered


def notes(network: Network) -> list[Record]:
    return [record for record in network.timeline.records(kind="note") if "capture" in record.fields]


async def test_a_full_disk_ends_the_capture_and_no_call(phone_network: Network, tmp_path: Path) -> None:
    async with phone_network.capture("/dev/full") as capture:
        calling, answered = await call(phone_network)
        await phone_network.timeline.wait(lambda record: "capture" in record.fields, within=10)
        assert phone_network.capturing is None
        await calling.press("12")
        await answered.wait_for_digits("12")
        await calling.hang_up()
        async with phone_network.capture(tmp_path / "next.pcapng") as following:
            await (await phone_network.phones[0].dial(BOB)).wait_answered()
        assert following.packets
    (note,) = notes(phone_network)
    assert note.fields["capture"] == "/dev/full"
    assert "No space left on device" in note.fields["because"]
    assert note.fields["packets"] == capture.packets > 0


async def test_a_disk_that_is_full_at_the_end_is_recorded(phone_network: Network) -> None:
    async with phone_network.capture("/dev/full"):
        await (await phone_network.phone(ANN)).dial(BOB)  # a few messages, that wait in the buffer until the end
    (note,) = notes(phone_network)
    assert "No space left on device" in note.fields["because"]
