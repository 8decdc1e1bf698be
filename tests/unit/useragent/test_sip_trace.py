"""SIP messages parsed from PJSIP's log."""

from __future__ import annotations

import pytest

from simulator.useragent.worker.sip_trace import TracedMessage


def logged(text: str, *, size: int | None = None) -> str:
    return (
        f"10:00:00.000 pjsua_core.c  .TX {size or len(text.encode())} bytes Request msg INVITE/cseq=1 (tdta0x1) "
        f"to UDP 127.0.0.1:5060:\n{text}\n--end msg--"
    )


def test_a_logged_message_has_the_bytes_on_the_wire() -> None:
    text = "INVITE sip:a@b SIP/2.0\r\nSubject: é\r\n\r\nbody\r\n"
    traced = TracedMessage.parse(logged(text))
    assert traced == TracedMessage(True, "UDP", "127.0.0.1:5060", text.encode(), 0)


def test_a_message_that_the_log_truncated_has_the_number_of_missing_bytes() -> None:
    traced = TracedMessage.parse(logged("INVITE sip:a@b SIP/2.0\r\n", size=5000))
    assert traced is not None
    assert traced.missing_bytes == 5000 - 24


@pytest.mark.parametrize("line", ["", "10:00 sip_transport.c  Transport udp created", "TX nothing"])
def test_other_log_lines_are_not_messages(line: str) -> None:
    assert TracedMessage.parse(line) is None
