"""What reports show of records about digits that were not sent, RTP from another address, and SIP clients."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.timeline_text.telephony_records import TELEPHONY_RECORDS, rtp_text

FAILURE = {"not_sent": "23", "method": "sip-info", "because": "the INFO with the digit 2 was answered 415 No"}


@pytest.mark.parametrize(
    ("kind", "fields", "text"),
    [
        ("digit", FAILURE, "23 (sip-info) not sent: the INFO with the digit 2 was answered 415 No"),
        (
            "phone",
            {"phone": "desk", "action": "cannot press", **FAILURE},
            "desk cannot send 23 (sip-info): the INFO with the digit 2 was answered 415 No",
        ),
    ],
)
def test_digits_that_were_not_sent(kind: str, fields: dict[str, Any], text: str) -> None:
    described = TELEPHONY_RECORDS[kind](fields)
    assert described is not None
    assert described.text == text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"action": "sound was lost", "underruns": 2, "overruns": 1}, "sound was lost (2 underruns, 1 overruns)"),
        ({"action": "failed", "error": "WebRTC: the connection was lost"}, "failed: WebRTC: the connection was lost"),
        ({"action": "no audio", "error": "open_pcm: no worker"}, "no audio: open_pcm: no worker"),
        ({"codec": "PCMU", "telephone_event": 120}, "PCMU, telephone-event 120"),
    ],
)
def test_each_record_about_media_is_described(fields: dict[str, Any], text: str) -> None:
    described = TELEPHONY_RECORDS["media"]({"session_id": "1", **fields})
    assert described is not None
    assert described.text == text


def test_rtp_from_another_address() -> None:
    fields = {
        "action": "source",
        "sender": "callee",
        "source": "127.0.0.1:5000",
        "described": "10.0.2.100:4000",
        "sent_to": "127.0.0.1:5000",
    }
    assert rtp_text(fields) == (
        "the callee's RTP comes from 127.0.0.1:5000, its session description names 10.0.2.100:4000; "
        "it is sent RTP to 127.0.0.1:5000"
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"action": "registers", "expires_s": 600}, "bench registers from 127.0.0.1:5070 (UDP) for 600 s"),
        ({"action": "unregisters"}, "bench unregisters from 127.0.0.1:5070 (UDP)"),
        (
            {"action": "refused", "method": "REGISTER", "status": 403, "because": "the password is wrong", "count": 10},
            "the REGISTER of bench from 127.0.0.1:5070 (UDP) is refused: 403, the password is wrong (number 10)",
        ),
    ],
)
def test_each_record_about_a_sip_client_is_described(fields: dict[str, Any], text: str) -> None:
    about = {"client": "bench", "peer": "127.0.0.1:5070", "transport": "UDP"}
    described = TELEPHONY_RECORDS["registrar"]({**about, **fields})
    assert described is not None
    assert described.text == text
