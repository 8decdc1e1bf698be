"""In-band digits are audio only: a room that hears them gets no dtmf-event."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fake_daily_server.handles.client import Client
from simulator.audio.samples import RATE, as_pcm
from simulator.audio.wav import write_wav
from simulator.dtmf_senders.in_band_senders import IN_BAND_SENDERS, InBandSender
from simulator.network import Network

BOB = "+12065550143"
BY_NAME = {sender.name: sender for sender in IN_BAND_SENDERS}


@pytest.mark.parametrize("sender", [BY_NAME["plain"], BY_NAME["while talking"]], ids=str)
async def test_in_band_digits_cause_no_dtmf_event(
    phone_network: Network, daily_client: Client, tmp_path: Path, sender: InBandSender
) -> None:
    desk = await phone_network.phone(BOB, name="desk")
    await daily_client.start_dialout({"phoneNumber": BOB})
    await daily_client.wait_for("dialout-answered")
    call = await desk.wait_for_call()
    await call.wait_answered()
    sound = as_pcm(sender.sound())
    await call.play(write_wav(tmp_path / "digits.wav", sound, RATE))
    await asyncio.sleep(len(sound) / RATE)  # the file plays in real time
    await call.press("0", method="telephone-event")
    event = await daily_client.wait_for("dtmf-event")
    assert event["tone"] == "0"
