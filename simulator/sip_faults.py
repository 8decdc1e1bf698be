"""Faults on SIP messages by name: which message they take, and what becomes of it. Without I/O.

The front door asks for each message that it receives. A fault takes the messages of its kind in turn, from number
`nth` on, `times` of them; retransmissions count, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from simulator.errors import ConfigurationError
from simulator.fault_count import FaultList
from simulator.validation_errors import KnownFieldsModel

_RESPONSE_LINE = re.compile(rb"SIP/2\.0 (\d{3}) ")
_CSEQ = re.compile(rb"^cseq\s*:\s*\d+\s+(\S+)", re.IGNORECASE | re.MULTILINE)
_CALL_ID = re.compile(rb"^(?:call-id|i)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_GARBAGE = b"this is no session description; "
_MESSAGE = re.compile(r"(?:[1-6]\d\d )?[A-Z]+")


FaultName = Literal["sip-drop", "sip-delay", "sip-duplicate", "sip-respond", "sip-garble", "sip-without-codec"]


class SipFault(KnownFieldsModel):
    """A fault on SIP messages, such as `{fault: sip-drop, message: BYE, times: all}`."""

    fault: FaultName
    """What becomes of the message: it is lost, comes late, comes twice, is answered by the network, or its body is
    garbled, or lists a codec no more."""
    message: str
    """A request, such as `INVITE`, `ACK` or `BYE`, or a response, such as `200 INVITE` (status and method)."""
    nth: Annotated[int, Field(ge=1)] = 1
    """Number of the first message of this kind that it takes, from 1, counted from when the fault was set."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many messages it takes, from that one on."""
    share: Annotated[float, Field(gt=0, le=1)] = 1
    """The share of these that it takes at random, by `seed`."""
    seed: int | str = 0
    """The seed of all random decisions."""
    delay_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    """With `sip-delay`: how late the message comes, in ms."""
    status: Annotated[int, Field(ge=300, le=699)] | None = None
    """With `sip-respond`: the status of the response."""
    reason: Annotated[str, Field(pattern=r"^[ -~]*$", max_length=200)] = "Fault"
    """With `sip-respond`: its reason phrase."""
    codec: str | None = None
    """With `sip-without-codec`: the codec that the session description lists no more, such as `PCMU`."""

    @field_validator("message")
    @classmethod
    def _check_message(cls, message: str) -> str:
        if not _MESSAGE.fullmatch(message):
            raise ConfigurationError("message", message, "a method such as BYE, or a status and a method: 200 INVITE")
        return message

    @model_validator(mode="after")
    def _check_companions(self) -> SipFault:
        if (self.fault == "sip-delay") != (self.delay_ms is not None):
            raise ValueError("`sip-delay` requires `delay_ms`; other faults do not have it")
        if (self.fault == "sip-without-codec") != (self.codec is not None):
            raise ValueError("`sip-without-codec` requires a `codec`; other faults do not have it")
        if (self.fault == "sip-respond") != (self.status is not None):
            raise ValueError("`sip-respond` requires a `status`; other faults do not have it")
        if self.fault == "sip-respond" and (" " in self.message or self.message == "ACK"):
            raise ValueError(
                f"`message: {self.message}` gets no response; `sip-respond` is for requests other than ACK"
            )
        return self


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """A message that a fault has taken."""

    fault: SipFault
    number: int
    """Number of the message among those of its kind since the fault was set, from 1."""
    call_id: str

    def __str__(self) -> str:
        did = {
            "sip-drop": "loses",
            "sip-duplicate": "doubles",
            "sip-respond": "answers",
            "sip-delay": "delays",
            "sip-garble": "garbles",
            "sip-without-codec": f"removes {self.fault.codec} from",
        }
        how = {"sip-respond": f" with {self.fault.status}", "sip-delay": f" by {self.fault.delay_ms} ms"}
        return f"{did[self.fault.fault]} {self.fault.message} number {self.number}{how.get(self.fault.fault, '')}"


class SipFaults(FaultList[SipFault]):
    """The faults that are set, and how many messages each has seen."""

    def take(self, data: bytes) -> TakenMessage | None:
        """Count a received message; return which fault takes it, the oldest first, or None."""
        name = message_name(data) if self._faults else None
        if name is None:
            return None
        taken: TakenMessage | None = None
        for fault, count in self._faults:
            number = count.take() if fault.message == name else None
            if taken is None and number is not None:
                found = _CALL_ID.search(data)
                taken = TakenMessage(fault, number, found[1].decode("latin-1") if found else "")
        return taken


def garbled(data: bytes) -> bytes:
    """The message with a body that is no session description, of the same length; one without a body stays as it is."""
    head, blank, body = data.partition(b"\r\n\r\n")
    return head + blank + (_GARBAGE * (len(body) // len(_GARBAGE) + 1))[: len(body)]


def message_name(data: bytes) -> str | None:
    """`BYE` of a request, `200 INVITE` of a response; None for what is no SIP message."""
    response = _RESPONSE_LINE.match(data)
    if response is None:
        return data.partition(b" ")[0].decode("latin-1")
    method = _CSEQ.search(data)
    return None if method is None else f"{response[1].decode()} {method[1].decode('latin-1')}"
