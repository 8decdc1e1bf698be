"""Dialogs · requests: INVITEs with Replaces (RFC 3891) for the calls of simulated phones."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.server import FakeDaily
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.timeline import Timeline
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp, rtp_address
from tests.interop.public_cases.room_calls import front_door, tag

NUMBER = "+12065550142"
EVENT_OF_7 = (bytes([7, 0x0A, 0x01, 0x40]), bytes([7, 0x8A, 0x01, 0x40]))


def replaces(dialog: RawDialog, *, early_only: bool = False) -> dict[str, str | None]:
    """The header field that replaces the call with this dialog, as the phone has it."""
    value = f"{dialog.call_id};to-tag={tag(dialog.remote)};from-tag={tag(dialog.local)}"
    return {"Replaces": value + (";early-only" if early_only else ""), "Require": "replaces"}


def held(port: int) -> str:
    """A description that puts the phone on hold."""
    return f"{audio_sdp(port)}a=sendonly\r\n"


def failures(timeline: Timeline) -> list[str]:
    return [str(record) for record in timeline.records() if record.fields.get("action") == "fails"]


async def called(agent: RawUserAgent, daily: FakeDaily, phone: Phone, port: int) -> tuple[RawDialog, PhoneCall]:
    """Call the phone, which answers."""
    dialog = RawDialog.calling(agent, phone.uri, through=front_door(daily))
    await dialog.call(audio_sdp(port))
    call = await phone.wait_for_call()
    await call.wait_answered()
    return dialog, call


async def hold_by_phone(call: PhoneCall, dialog: RawDialog, sdp: str) -> None:
    """Let the phone put its peer on hold; the peer answers with `sdp`."""
    holding = asyncio.create_task(call.hold())
    await dialog.answer("200 OK", sdp, to=await dialog.agent.receive("INVITE "))
    await holding


@pytest.mark.parametrize("held_by", ["nobody", "phone", "peer", "both"])
async def test_a_call_takes_the_place_of_another_on_hold_or_not(fake_daily: FakeDaily, held_by: str) -> None:
    """The new call is not on hold, and its media pass the relay, which reads the digits."""
    phone = await fake_daily.network.phone(NUMBER, lines=1)
    async with RawUserAgent() as alice, RawUserAgent() as carol, RtpSocket() as first, RtpSocket() as second:
        dialog, old = await called(alice, fake_daily, phone, first.port)
        if held_by in ("peer", "both"):
            await dialog.reinvite(held(first.port))
        if held_by in ("phone", "both"):
            await hold_by_phone(old, dialog, held(first.port) if held_by == "both" else audio_sdp(first.port))
        replacing = RawDialog.calling(carol, phone.uri, through=front_door(fake_daily))
        response = await replacing.call(audio_sdp(second.port), headers=replaces(dialog))
        assert response.status[0] == 200
        new = await phone.wait_for_call()
        await new.wait_answered()
        await dialog.answer("200 OK", to=await alice.receive("BYE "))
        assert (await old.wait_for_end()).by == "local"
        assert new.held_by is None
        assert new.tap is not None
        for number, payload in enumerate(EVENT_OF_7):
            second.send(rtp_address(response.sdp or ""), payload, payload_type=101, sequence=number, marker=not number)
        await new.wait_for_digits("7", method="telephone-event")
        assert failures(fake_daily.timeline) == []


async def test_a_phone_that_still_rings_a_peer_can_be_taken_over(fake_daily: FakeDaily) -> None:
    """The early dialog of a call that the phone has dialled (RFC 3891 §3): it ends with CANCEL."""
    phone = await fake_daily.network.phone(NUMBER)
    async with RawUserAgent() as alice, RawUserAgent() as carol, RtpSocket() as rtp:
        old = await phone.dial(alice.uri)
        ringing = await RawDialog.called(alice)
        await ringing.answer("180 Ringing")
        assert await fake_daily.timeline.wait(lambda record: record.fields.get("status") == 180, within=3)
        replacing = RawDialog.calling(carol, phone.uri, through=front_door(fake_daily))
        response = await replacing.call(audio_sdp(rtp.port), headers=replaces(ringing, early_only=True))
        assert response.status[0] == 200
        await ringing.answer("200 OK", to=await alice.receive("CANCEL "))
        await ringing.answer("487 Request Terminated")
        assert (await old.wait_for_end()).by == "local"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("nobody@raw;to-tag=1;from-tag=2", 481),
        ("{call_id};to-tag={from_tag};from-tag={to_tag}", 481),
        ("{call_id};to-tag={to_tag};from-tag={from_tag};early-only", 486),
        ("{call_id};to-tag={to_tag}", 400),
    ],
)
async def test_the_call_goes_on_when_replaces_cannot_be_met(fake_daily: FakeDaily, value: str, status: int) -> None:
    phone = await fake_daily.network.phone(NUMBER)
    async with RawUserAgent() as alice, RawUserAgent() as carol, RtpSocket() as rtp:
        dialog, old = await called(alice, fake_daily, phone, rtp.port)
        named = value.format(call_id=dialog.call_id, to_tag=tag(dialog.remote), from_tag=tag(dialog.local))
        replacing = RawDialog.calling(carol, phone.uri, through=front_door(fake_daily))
        response = await replacing.call(audio_sdp(rtp.port), headers={"Replaces": named})
        assert response.status[0] == status
        assert old.state == "answered"


async def test_a_call_that_cannot_be_answered_replaces_nothing(fake_daily: FakeDaily) -> None:
    phone = await fake_daily.network.phone(NUMBER)
    async with RawUserAgent() as alice, RawUserAgent() as carol, RtpSocket() as rtp:
        dialog, old = await called(alice, fake_daily, phone, rtp.port)
        replacing = RawDialog.calling(carol, phone.uri, through=front_door(fake_daily))
        response = await replacing.call(audio_sdp(rtp.port, "18", ""), headers=replaces(dialog))
        assert response.status[0] == 488
        assert old.state == "answered"
        await dialog.request("BYE")
        await old.wait_for_end()
        response = await RawDialog.calling(carol, phone.uri, through=front_door(fake_daily)).call(
            audio_sdp(rtp.port), headers=replaces(dialog)
        )
        assert response.status[0] == 603


async def test_a_persona_greets_the_party_that_takes_over(fake_daily: FakeDaily) -> None:
    phone = await fake_daily.network.phone(NUMBER, persona="menu")
    async with RawUserAgent() as alice, RawUserAgent() as carol, RtpSocket() as first, RtpSocket() as second:
        dialog, _ = await called(alice, fake_daily, phone, first.port)
        replacing = RawDialog.calling(carol, phone.uri, through=front_door(fake_daily))
        await replacing.call(audio_sdp(second.port), headers=replaces(dialog))
        new = await phone.wait_for_call()
        begins = fake_daily.timeline.wait(
            lambda record: (
                record.kind == "phone"
                and record.fields.get("sip_call_id") == new.sip_call_id
                and record.fields.get("step") == "menu"
            ),
            within=5,
        )
        assert await begins
        assert failures(fake_daily.timeline) == []
