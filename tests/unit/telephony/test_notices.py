from __future__ import annotations

from typing import get_args

import pytest

from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.notices import dialin_input, dialout_input
from simulator.useragent import messages as m

COMMON: list[tuple[m.AnyCallNotice, inputs.DialOutInput | inputs.DialInInput | None]] = [
    (m.Answered(at=0, call="c"), inputs.Answered()),
    (
        m.Media(
            at=0,
            call="c",
            codec="G722",
            clock_rate=8000,
            payload_type=9,
            telephone_event=None,
            direction="sendrecv",
            local_rtp="h:1",
            remote_rtp="h:2",
        ),
        inputs.MediaUp("G722", telephone_event=False),
    ),
    (
        m.Media(
            at=0,
            call="c",
            codec="PCMU",
            clock_rate=8000,
            payload_type=0,
            telephone_event=101,
            answered=("PCMU", "OPUS"),
            direction="sendrecv",
            local_rtp="h:1",
            remote_rtp="h:2",
        ),
        inputs.MediaUp("PCMU", telephone_event=True, answered=("PCMU", "OPUS")),
    ),
    (
        m.Ended(at=0, call="c", status=486, reason="Busy Here", by="remote", headers=(("X-A", "1"),)),
        inputs.Ended(486, "Busy Here", "remote", (("X-A", "1"),)),
    ),
    (
        m.Ended(at=0, call="c", status=500, reason="killed by SIGKILL", by="worker"),
        inputs.WorkerLost("killed by SIGKILL"),
    ),
    (
        m.VideoMedia(
            at=0,
            call="c",
            codec="VP8",
            payload_type=97,
            direction="sendrecv",
            remote_host="h",
            remote_rtp=1,
            remote_rtcp=2,
        ),
        inputs.VideoUp("VP8"),
    ),
    (m.DigitEnd(at=0, call="c", digit="1", method="sip-info", duration_ms=100), None),
    (m.Held(at=0, call="c", by="remote"), None),
]
OUTGOING: list[tuple[m.AnyCallNotice, inputs.DialOutInput]] = [
    (
        m.Dialling(at=0, call="c", sip_call_id="abc", local_uri="sip:a@h", remote_uri="sip:b@h"),
        inputs.Dialled("abc"),
    ),
    (m.Ringing(at=0, call="c", status=180, reason="Ringing"), inputs.Ringing()),
    (m.EarlyMedia(at=0, call="c", status=183, reason="Session Progress"), inputs.EarlyMedia()),
]


@pytest.mark.parametrize(("notice", "expected"), [*COMMON, *OUTGOING])
def test_the_input_for_a_notice_about_a_dialled_call(
    notice: m.AnyCallNotice, expected: inputs.DialOutInput | None
) -> None:
    assert dialout_input(notice) == expected


@pytest.mark.parametrize(("notice", "expected"), [*COMMON, *((notice, None) for notice, _ in OUTGOING)])
def test_the_input_for_a_notice_about_an_incoming_call(
    notice: m.AnyCallNotice, expected: inputs.DialInInput | None
) -> None:
    assert dialin_input(notice) == expected


def test_every_sip_input_of_a_dialled_call_has_a_notice() -> None:
    from_notices = {type(input_) for _, input_ in [*COMMON, *OUTGOING] if input_ is not None}
    others = {inputs.DialFailed, inputs.StopRequested, inputs.RingTimeout, inputs.MovedIn, inputs.MovedOut}
    assert from_notices | others == set(get_args(inputs.DialOutInput))
