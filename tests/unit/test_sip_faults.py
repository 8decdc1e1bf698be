"""Faults on SIP messages, without I/O: which messages they take."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.sip_faults import SipFault, SipFaults, message_name

BYE = b"BYE sip:a@b SIP/2.0\r\nCall-ID: 7\r\nCSeq: 3 BYE\r\n\r\n"
OK = b"SIP/2.0 200 OK\r\ni: 7\r\nCSeq: 1 INVITE\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "name"), [(BYE, "BYE"), (OK, "200 INVITE"), (b"\r\n", "\r\n"), (b"SIP/2.0 200 OK\r\n\r\n", None)]
)
def test_a_message_has_a_name(data: bytes, name: str | None) -> None:
    assert message_name(data) == name


@pytest.mark.parametrize(
    ("fields", "taken"),
    [({}, [1]), ({"nth": 2}, [2]), ({"nth": 2, "times": 2}, [2, 3]), ({"times": "all"}, [1, 2, 3, 4])],
)
def test_a_fault_takes_the_messages_from_the_nth_on(fields: dict[str, Any], taken: list[int]) -> None:
    faults = SipFaults()
    faults.add(SipFault(fault="sip-drop", message="BYE", **fields))
    assert faults.take(OK) is None
    found = [faults.take(BYE) for _ in range(4)]
    assert [each.number for each in found if each] == taken
    assert {each.call_id for each in found if each} == {"7"}
    assert str(next(filter(None, found))) == f"loses BYE number {taken[0]}"
    faults.clear()
    assert faults.take(BYE) is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fault": "sip-dorp", "message": "BYE"}, "sip-drop"),
        ({"fault": "sip-drop", "message": "bye"}, "a method such as BYE"),
        ({"fault": "sip-delay", "message": "BYE"}, "requires `delay_ms`"),
        ({"fault": "sip-respond", "message": "BYE"}, "requires a `status`"),
        ({"fault": "sip-drop", "message": "BYE", "status": 500}, "requires a `status`; other faults"),
        ({"fault": "sip-respond", "message": "ACK", "status": 500}, "gets no response"),
        ({"fault": "sip-drop", "message": "BYE", "ntth": 2}, "did you mean 'nth'"),
        ({"fault": "sip-respond", "message": "BYE", "status": 500, "reason": "a\r\nb"}, "pattern"),
    ],
)
def test_a_wrong_fault_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SipFault.model_validate(fields)
