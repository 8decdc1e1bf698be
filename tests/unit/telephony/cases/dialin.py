"""An incoming call: samples of its inputs, and what each does in each state."""

from __future__ import annotations

from typing import get_args

from fake_daily_server.telephony.events import DialInEvents
from fake_daily_server.telephony.machines.dialin import DialInMachine, DialInPlan, DialInState
from fake_daily_server.telephony.machines.inputs import (
    Answered,
    DialInInput,
    Ended,
    InviteReceived,
    MediaUp,
    MovedIn,
    MovedOut,
    NegotiationFailed,
    Refusal,
    StopRequested,
    VideoUp,
    WorkerLost,
)
from tests.unit.telephony.machine_case import MachineCase

S = DialInState

EVENTS = DialInEvents(
    session_id="a64d30f4",
    sip_call_id="abc@host",
    sip_from="sip:caller@example.com",
    sip_endpoint="sip:demo.0@127.0.0.1:5060",
    sip_headers={"X-Ticket": "7"},
    action_trace_id="t1",
)
PLAN = DialInPlan("Caller", preferred_codec="OPUS", preferred_video_codec="VP8")

REFUSED_INVITE = InviteReceived(Refusal(486, "Busy Here", "the endpoint has a caller already"))
INVITE = InviteReceived()
WANTED = MediaUp("OPUS", telephone_event=True)
FALLBACK = MediaUp("PCMU", telephone_event=True)
WANTED_VIDEO = VideoUp("VP8")
VIDEO_FALLBACK = VideoUp("H264")
NO_COMMON = NegotiationFailed("no common codec")
BYE = Ended(200, "OK", "remote")
CANCEL = Ended(487, "Request Terminated", "remote")
NO_ACK = Ended(408, "Request Timeout", "local")
OWN_BYE = Ended(200, "OK", "local")
LOST = WorkerLost("killed by SIGKILL")
MOVED_IN = MovedIn("abc@host", WANTED)
MOVED_IN_WITH_FALLBACK = MovedIn("abc@host", FALLBACK)

SAMPLES: tuple[DialInInput, ...] = (
    INVITE,
    REFUSED_INVITE,
    Answered(),
    WANTED,
    FALLBACK,
    WANTED_VIDEO,
    VIDEO_FALLBACK,
    NO_COMMON,
    BYE,
    CANCEL,
    NO_ACK,
    OWN_BYE,
    LOST,
    StopRequested(),
    MOVED_IN,
    MOVED_IN_WITH_FALLBACK,
    MovedOut(),
)

PATHS: dict[DialInState, tuple[DialInInput, ...]] = {
    S.NEW: (),
    S.ANSWERING: (INVITE,),
    S.CONFIRMED: (INVITE, Answered()),
    S.JOINED: (INVITE, Answered(), WANTED),
    S.ENDING: (INVITE, Answered(), WANTED, StopRequested()),
    S.DONE: (REFUSED_INVITE,),
}

STOPPED = (S.DONE, ["dialin-stopped", "release"])
FAILED = (S.DONE, ["dialin-error", "release"])
JOINS = (S.JOINED, ["join"])
JOINS_WITH_WARNING = (S.JOINED, ["join", "dialin-warning"])
HANGS_UP = (S.ENDING, ["hang up"])
NO_SDP = (S.DONE, ["dialin-error", "hang up", "release"])
LEFT_STOPPED = (S.DONE, ["leave", "dialin-stopped", "release"])
LEFT_ERROR = (S.DONE, ["leave", "dialin-error", "release"])

BEFORE_MEDIA: dict[DialInInput, tuple[DialInState, list[str]]] = {
    WANTED: JOINS,
    FALLBACK: JOINS_WITH_WARNING,
    NO_COMMON: NO_SDP,
    BYE: STOPPED,
    CANCEL: STOPPED,
    NO_ACK: FAILED,
    OWN_BYE: FAILED,
    LOST: FAILED,
    StopRequested(): HANGS_UP,
}

EXPECTED: dict[tuple[DialInState, DialInInput], tuple[DialInState, list[str]]] = {
    (S.NEW, INVITE): (S.ANSWERING, ["dialin-connected", "answer"]),
    (S.NEW, REFUSED_INVITE): (S.DONE, ["reject 486", "release"]),
    (S.NEW, MOVED_IN): (S.JOINED, ["dialin-connected", "join"]),
    (S.NEW, MOVED_IN_WITH_FALLBACK): (S.JOINED, ["dialin-connected", "join", "dialin-warning"]),
    **{(S.NEW, given): (S.DONE, ["release"]) for given in (BYE, CANCEL, NO_ACK, OWN_BYE, LOST)},
    **{(S.ANSWERING, given): result for given, result in BEFORE_MEDIA.items()},
    (S.ANSWERING, Answered()): (S.CONFIRMED, []),
    **{(S.CONFIRMED, given): result for given, result in BEFORE_MEDIA.items()},
    (S.JOINED, WANTED): (S.JOINED, []),
    (S.JOINED, FALLBACK): (S.JOINED, ["dialin-warning"]),
    (S.JOINED, WANTED_VIDEO): (S.JOINED, []),
    (S.JOINED, VIDEO_FALLBACK): (S.JOINED, ["dialin-warning"]),
    (S.JOINED, NO_COMMON): (S.DONE, ["leave", "dialin-error", "hang up", "release"]),
    (S.JOINED, BYE): LEFT_STOPPED,
    (S.JOINED, CANCEL): LEFT_ERROR,
    (S.JOINED, NO_ACK): LEFT_ERROR,
    (S.JOINED, OWN_BYE): LEFT_STOPPED,
    (S.JOINED, LOST): LEFT_ERROR,
    (S.JOINED, StopRequested()): HANGS_UP,
    (S.JOINED, MovedOut()): LEFT_STOPPED,
    **{(S.ENDING, given): LEFT_STOPPED for given in (BYE, CANCEL, NO_ACK, OWN_BYE, LOST, MovedOut())},
}


CASE = MachineCase(
    "dial-in",
    make=lambda: DialInMachine(EVENTS, PLAN),
    kinds=frozenset(get_args(DialInInput)),
    samples=SAMPLES,
    paths=PATHS,
    expected=EXPECTED,
)
