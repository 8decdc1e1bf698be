"""The relay by itself: what it keeps, what it forgets, and what it says of calls that do not use it."""

from __future__ import annotations

from simulator.relay import Relay, RtpPacket
from simulator.timeline import Timeline
from simulator.useragent import messages as m

MEDIA = m.Media(
    at=0,
    call="o1",
    codec="PCMU",
    clock_rate=8000,
    payload_type=0,
    telephone_event=101,
    direction="sendrecv",
    local_rtp="127.0.0.1:4000",
    remote_rtp="127.0.0.1:4002",
)
ENDED = m.Ended(at=0, call="o1", status=200, reason="OK", by="local")


async def test_a_user_agent_that_does_not_use_its_path_is_told() -> None:
    timeline = Timeline()
    path = Relay(timeline).open()
    assert path is not None
    path.set_call_id("some-call")
    path.handle_notice(MEDIA)
    path.handle_notice(MEDIA)
    path.handle_notice(ENDED)
    told = [record.fields for record in timeline.records(kind="rtp")]
    assert [fields["action"] for fields in told] == ["fails", "sums up", "sums up"]
    assert told[0]["error"] == "the user agent did not lead its media through the relay"
    assert {fields["sip_call_id"] for fields in told} == {"some-call"}
    assert {fields["packets"] for fields in told[1:]} == {0}


async def test_packets_of_old_calls_are_forgotten_and_their_sums_are_not() -> None:
    relay = Relay(Timeline())
    paths = []
    for number in range(40):
        path = relay.open()
        assert path is not None
        path.set_call_id(f"call-{number}")
        path.taps["caller"].saw(RtpPacket(0, 1, 2, 3, b""), 0.0, (0.0,))
        path.close()
        paths.append(path)
    assert relay.paths == []
    assert relay.find("call-39") is paths[39]
    assert relay.find("call-0") is None
    assert [len(path.taps["caller"].packets) for path in paths] == [0] * 8 + [1] * 32
    assert {path.taps["caller"].summary().packets for path in paths} == {1}
    relay.forget()
    assert relay.find("call-39") is None
