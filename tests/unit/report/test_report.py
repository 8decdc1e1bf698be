"""The report of records and messages that are written here, without a server."""

from __future__ import annotations

import re
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fake_daily_server.report.files import file_name
from fake_daily_server.report.page import page
from fake_daily_server.report.report import Report, build_report, kept_files, verdict_of
from fake_daily_server.report.summary import FailedTest, markdown
from simulator.errors import ExpectationFailed
from simulator.front_door.recent_messages import SeenMessage
from simulator.timeline import Record, RecordKind

CALL = "call-1"
DESK = "+12065550142"
SDP = (
    "v=0\r\ns=-\r\nm=audio 4000 RTP/AVP 0 8 96 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
)


def message(start: str, *, cseq: str, caller_tag: str = "a", callee_tag: str | None = None, sdp: str = "") -> bytes:
    to = f"<sip:{DESK}@127.0.0.1>" + (f";tag={callee_tag}" if callee_tag else "")
    head = [
        start,
        f"From: <sip:+14155550100@127.0.0.1>;tag={caller_tag}",
        f"To: {to}",
        f"Call-ID: {CALL}",
        f"CSeq: {cseq}",
        *(["Content-Type: application/sdp"] if sdp else []),
        f"Content-Length: {len(sdp)}",
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + sdp).encode()


INVITE = message(f"INVITE sip:{DESK}@127.0.0.1 SIP/2.0", cseq="1 INVITE", sdp=SDP)
RINGING = message("SIP/2.0 180 Ringing", cseq="1 INVITE", callee_tag="b")
BYE_OF_CALLEE = (
    message("BYE sip:x@127.0.0.1 SIP/2.0", cseq="7 BYE").replace(b"tag=a", b"tag=b").replace(b"+14155550100", b"desk")
)


def seen(*messages: tuple[bytes, bool]) -> list[SeenMessage]:
    return [SeenMessage(float(at), data, "127.0.0.1:5070", sent) for at, (data, sent) in enumerate(messages)]


def record(seq: int, kind: RecordKind, **fields: Any) -> Record:
    return Record(seq, float(seq), kind, MappingProxyType(fields))


DIAL_OUT = (
    record(1, "sip", sip_call_id=CALL, message="INVITE", to=f"sip:{DESK}@127.0.0.1"),
    record(2, "phone", phone=DESK, action="is called", sip_call_id=CALL),
)


def report_of(records: tuple[Record, ...], messages: list[SeenMessage], error: BaseException | None = None) -> Report:
    return build_report("t.py::test", records, messages, lambda at: at, verdict=verdict_of(error))


def sip_rows(messages: list[SeenMessage], records: tuple[Record, ...] = DIAL_OUT) -> list[tuple[str, str | None, str]]:
    steps = report_of(records, messages).ladder.steps
    return [(step.source, step.target, step.label) for step in steps if step.anchor.startswith("m")]


def test_a_forwarded_message_is_one_arrow_between_the_ends_of_the_call() -> None:
    rows = sip_rows(seen((INVITE, False), (INVITE, True), (RINGING, False), (RINGING, True)))
    assert rows == [("Daily", DESK, "INVITE · PCMU PCMA OPUS"), (DESK, "Daily", "180 Ringing")]


def test_a_retransmission_says_that_it_is_one() -> None:
    rows = sip_rows(seen((INVITE, False), (INVITE, True), (INVITE, False)))
    assert [label for _, _, label in rows] == ["INVITE · PCMU PCMA OPUS", "INVITE · PCMU PCMA OPUS · again"]


def test_a_request_of_the_called_end_points_back() -> None:
    rows = sip_rows(seen((INVITE, False), (BYE_OF_CALLEE, False)))
    assert rows[1] == (DESK, "Daily", "BYE")


def test_what_the_front_door_sends_by_itself_is_shown() -> None:
    rows = sip_rows(seen((INVITE, False), (message("SIP/2.0 503 Service Unavailable", cseq="1 INVITE"), True)))
    assert rows[1] == (DESK, "Daily", "503 Service Unavailable")


def test_a_peer_that_no_record_names_is_a_column_with_its_address() -> None:
    rows = sip_rows(seen((INVITE, False)), records=())
    assert rows == [("+14155550100@127.0.0.1", f"{DESK}@127.0.0.1", "INVITE · PCMU PCMA OPUS")]


def test_a_phone_that_dials_a_room_is_the_caller() -> None:
    records = (
        record(1, "sip", sip_call_id=CALL, message="INVITE"),
        record(2, "phone", phone=DESK, action="has media", sip_call_id=CALL, codec="PCMU"),
    )
    assert sip_rows(seen((INVITE, False)), records)[0][:2] == (DESK, "Daily")


def test_records_that_messages_on_the_wire_show_are_no_rows_and_others_are() -> None:
    ended = record(3, "sip", sip_call_id=CALL, message="ended: 200 Normal call clearing", by="remote")
    crashed = record(4, "sip", sip_call_id=CALL, message="ended: 503 worker crashed", by="worker")
    records = (*DIAL_OUT, ended, crashed)
    assert [step.anchor for step in report_of(records, seen((INVITE, False))).ladder.steps] == ["m1", "r4"]
    assert [step.anchor for step in report_of(records, []).ladder.steps] == ["r1", "r2", "r3", "r4"]


def test_a_direct_message_that_both_ends_tell_of_is_one_arrow() -> None:
    bye = BYE_OF_CALLEE
    assert len(sip_rows(seen((INVITE, False), (bye, True), (bye, False)))) == 2
    assert len(sip_rows(seen((INVITE, False), (bye, False), (bye, True)))) == 2


def test_events_go_to_the_client_that_they_are_for() -> None:
    joined = {"action": "joined-meeting", "participants": {"local": {"session_id": "s1", "user_name": "bot"}}}
    records = (
        record(1, "client", client="17", method="join", params={}),
        record(2, "event", room="r", event=joined, to="s1"),
        record(3, "event", room="r", event={"action": "dialout-connected", "sessionId": "x"}),
    )
    steps = report_of(records, []).ladder.steps
    assert [(step.source, step.target) for step in steps] == [("bot", "Daily"), ("Daily", "bot")]


def test_a_client_without_a_name_is_not_called_by_its_id() -> None:
    fields = {"room": "r", "method": "sipCallTransfer", "params": {"toEndPoint": DESK}}
    records = (
        record(1, "client", client="17960327654870.4744980066004004", **fields),
        record(2, "client", client="desk", **fields),
    )
    assert [step.label for step in report_of(records, []).ladder.steps] == [
        f"sipCallTransfer {DESK}",
        f"desk: sipCallTransfer {DESK}",
    ]


def test_the_columns_are_clients_then_daily_then_phones() -> None:
    records = (
        record(1, "phone", phone=DESK, action="dials", to="sip:x@127.0.0.1"),
        record(2, "webhook", purpose="event", type="dialin.connected", status=200),
        record(3, "rest", method="GET", path="/v1/rooms", status=200),
    )
    assert report_of(records, []).ladder.columns == ("Daily", DESK, "webhook receiver", "REST client")


def test_the_lanes_show_streams_digits_and_what_was_heard() -> None:
    records = (
        *DIAL_OUT,
        record(3, "rtp", action="begins", sip_call_id=CALL, sender="callee", carries="PCMU", payload_type=0),
        record(4, "digit", sip_call_id=CALL, digit="1", method="sip-info", duration_ms=100),
        record(
            9, "rtp", action="sums up", sip_call_id=CALL, sender="callee", codec="PCMU", packets=50, lost=2, dropped=0
        ),
    )
    lanes = {lane.name: lane for lane in report_of(records, []).lanes}
    (span,) = lanes[f"{DESK} sends"].spans
    assert (span.begins, span.ends, span.label) == (3.0, 9.0, "PCMU · 50 packets, 2 lost · MOS 4.0")
    assert [mark.label for mark in lanes["Daily hears"].marks] == ["1 (sip-info)"]


def test_a_failed_expectation_is_told_first_with_its_reason() -> None:
    error = ExpectationFailed("dialout-stopped within 1 s", nearest="dialout-answered", because="nobody hung up")
    text = page(report_of(DIAL_OUT, [], error), whole=True)
    assert text.index("nobody hung up") < text.index('id="ladder"')
    assert "dialout-stopped within 1 s" in text


def test_another_error_is_told_by_its_first_line() -> None:
    verdict = verdict_of(ValueError("no such thing\nin two lines"))
    assert (verdict.headline, verdict.facts["Text"]) == ("no such thing", "in two lines")


def test_what_users_and_peers_wrote_cannot_become_markup() -> None:
    wicked = '<script>alert(1)</script>"&'
    records = (record(1, "phone", phone=wicked, action="says", what=wicked),)
    evil = INVITE.replace(b"v=0", b"</pre><script>")
    text = page(report_of(records, seen((evil, False)), ValueError(wicked)), whole=False)
    assert text.count("<script") == 1  # the link to the page's own
    assert "&lt;script&gt;" in text


def test_the_page_needs_neither_inline_script_nor_inline_style() -> None:
    text = page(report_of(DIAL_OUT, seen((INVITE, False))), whole=False)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)


def test_each_row_has_an_anchor_of_its_own() -> None:
    anchors = re.findall(r'<details id="(\w+)"', page(report_of(DIAL_OUT, seen((INVITE, False))), whole=False))
    assert anchors
    assert len(set(anchors)) == len(anchors)


def test_a_long_ladder_is_shortened_in_the_middle() -> None:
    many = tuple(record(seq, "carrier", action=f"thing {seq}") for seq in range(1, 3001))
    text = page(report_of(many, []), whole=True)
    assert "1000 rows are left out" in text
    assert text.count('<details id="') == 2000


def test_names_of_files_have_only_characters_that_every_file_system_takes() -> None:
    assert file_name("tests/a.py::test_x[a/b ü]") == "tests-a.py-test_x-a-b"
    assert len(file_name("x" * 500)) == 120
    assert file_name("///") == "report"


def test_the_lane_of_a_stream_ends_with_its_quality() -> None:
    begins = record(1, "rtp", action="begins", sip_call_id=CALL, sender="caller", carries="PCMU", payload_type=0)
    totals = {"codec": "PCMU", "packets": 90, "lost": 10, "dropped": 0, "events": ()}
    ends = record(2, "rtp", action="sums up", sip_call_id=CALL, sender="caller", **totals)
    [lane] = report_of((begins, ends), []).lanes
    assert lane.spans[0].label == "PCMU · 90 packets, 10 lost · MOS 3.4"  # R = 93.2 - 95 * 10 / (10 + 25.1)


def test_files_that_a_failed_expectation_has_kept_are_linked_and_shown(tmp_path: Path) -> None:
    folder = tmp_path / ".daily-sim"
    kept = f"{folder / 'audio' / 'a b.wav'}, {folder / 'audio' / 'a b.png'}"
    error = ExpectationFailed("a tone of 440 Hz", nearest="silence", kept=kept)
    report = build_report("t", DIAL_OUT, (), lambda at: at, verdict=verdict_of(error), files=kept_files(error))
    text = page(report, whole=True, folder=folder / "reports")
    assert '<a href="../audio/a%20b.wav">a b.wav</a>' in text
    assert '<img src="../audio/a%20b.png"' in text
    assert "<audio" not in text


def test_a_summary_in_markdown_has_a_row_for_each_failed_test() -> None:
    failed = [FailedTest("t.py::a[x|y]", "expected <b>\n`this`", "a.html"), FailedTest("t.py::b", "")]
    assert markdown(failed, passed=3).splitlines() == [
        "### 3 passed, 2 failed",
        "",
        "| test | why | report |",
        "| --- | --- | --- |",
        "| <code>t.py::a[x&#124;y]</code> | <code>expected &lt;b> &#96;this&#96;</code> | <code>a.html</code> |",
        "| <code>t.py::b</code> |  |  |",
    ]
    assert markdown([], passed=2) == "### 2 passed, 0 failed\n"
