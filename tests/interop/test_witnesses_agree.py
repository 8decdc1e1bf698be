"""The same call with SIPp, baresip, baresip-python and linphone, direct and through Kamailio: the same events."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.timeline import Record
from tests.interop import witnesses
from tests.interop.kamailio import Kamailio
from tests.interop.linphone import Linphone
from tests.interop.program import Programs
from tests.interop.room_events import telephony_events
from tests.interop.witnesses import Name, Transport
from tests.timeline_waits import wait_for_record

pytestmark = pytest.mark.interop("sipp", "baresip", "linphonec", "kamailio")

all_witnesses = pytest.mark.parametrize("name", ["sipp", "baresip", "baresip-python", "linphone"])
all_ways = pytest.mark.parametrize(
    ("proxied", "transport"),
    [(False, "udp"), (True, "udp"), (True, "tcp")],
    ids=["direct", "through-kamailio-udp", "through-kamailio-tcp"],
)


async def wait_for_direction(daily: FakeDaily, session_id: str, direction: str, *, after: int = 0) -> Record:
    """The first record after number `after` in which the media of the session have this direction."""

    def found(record: Record) -> bool:
        of_session = record.kind == "media" and record.fields.get("session_id") == session_id
        return of_session and record.seq > after and record.fields.get("direction") == direction

    return await wait_for_record(daily, found)


def assert_routed(kamailio: Kamailio, proxied: bool, *, reinvites: int) -> None:
    """All requests of the dialog went by the proxy, and none was an UPDATE.

    Baresip-python may send more re-INVITEs than it is asked to.
    """
    routed = kamailio.routed
    assert kamailio.unrouted == []
    assert routed[:1] + routed[-1:] == ["ACK", "BYE"] * proxied
    assert "UPDATE" not in routed
    assert routed.count("INVITE") >= reinvites * proxied


@all_witnesses
@all_ways
async def test_they_dial_in_hold_resume_and_hang_up(
    name: Name,
    transport: Transport,
    proxied: bool,
    kamailio: Kamailio,
    linphone: Linphone,
    programs: Programs,
    fake_daily: FakeDaily,
    daily_room: RoomHandle,
    daily_client: Client,
) -> None:
    user = daily_room.sip_uris[0].removeprefix("sip:").partition("@")[0]
    target = kamailio.uri(user, transport) if proxied else daily_room.sip_uris[0]
    async with witnesses.running(name, programs, linphone, transport) as witness:
        await witness.dial(target)
        session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
        begun = await wait_for_direction(fake_daily, session_id, "sendrecv")
        await witness.hold()
        held = await wait_for_direction(fake_daily, session_id, "recvonly")
        await witness.resume()
        resumed = await wait_for_direction(fake_daily, session_id, "sendrecv", after=held.seq)
        await witness.send_5()
        await daily_client.wait_for("dtmf-event")
        await daily_client.send_dtmf({"sessionId": session_id, "tones": "8", "digitDurationMs": 100})
        await witness.wait_for_digits("8")
        await witness.hang_up()
        await daily_client.wait_for("dialin-stopped")

    assert telephony_events(daily_client.events, session_id) == [
        "dialin-connected",
        "participant-joined",
        "dtmf-event 5 telephone-event",
        "participant-left",
        "dialin-stopped",
    ]
    assert {record.fields["codec"] for record in (begun, held, resumed)} == {"PCMU"}
    assert_routed(kamailio, proxied, reinvites=2)


@all_witnesses
@all_ways
async def test_they_are_dialled_and_the_room_hangs_up(
    name: Name,
    transport: Transport,
    proxied: bool,
    kamailio: Kamailio,
    linphone: Linphone,
    programs: Programs,
    fake_daily: FakeDaily,
    daily_client: Client,
) -> None:
    async with witnesses.running(name, programs, linphone, transport) as witness:
        target = await witness.uri()
        if proxied:
            target = kamailio.uri(await kamailio.register(name, target), transport)
        session_id = await daily_client.start_dialout({"sipUri": target, "codecs": {"audio": ["PCMU"]}})
        await daily_client.wait_for("dialout-answered")
        media = await wait_for_direction(fake_daily, session_id, "sendrecv")
        await daily_client.send_dtmf({"sessionId": session_id, "tones": "5", "digitDurationMs": 100})
        await witness.wait_for_digits("5")
        await witness.send_5()
        await daily_client.wait_for("dtmf-event")
        await daily_client.stop_dialout(session_id)
        await daily_client.wait_for("dialout-stopped")
        await witness.wait_ended()

    assert telephony_events(daily_client.events, session_id) == [
        "dialout-connected",
        "participant-joined",
        "dialout-answered",
        "dtmf-event 5 telephone-event",
        "participant-left",
        "dialout-stopped",
    ]
    assert media.fields["codec"] == "PCMU"
    assert_routed(kamailio, proxied, reinvites=0)
