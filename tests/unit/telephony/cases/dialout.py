"""A dialled call: samples of its inputs, and what each does in each state."""

from __future__ import annotations

from typing import get_args

from fake_daily_server.telephony.events import DialOutEvents
from fake_daily_server.telephony.machines.dialout import (
    DialOutMachine,
    DialOutPlan,
    DialOutState,
)
from fake_daily_server.telephony.machines.inputs import (
    Answered,
    DialFailed,
    Dialled,
    DialOutInput,
    EarlyMedia,
    Ended,
    MediaUp,
    MovedIn,
    MovedOut,
    Ringing,
    RingTimeout,
    StopRequested,
    VideoUp,
    WorkerLost,
)
from tests.unit.telephony.machine_case import MachineCase

S = DialOutState

EVENTS = DialOutEvents(
    session_id="7d208e2a",
    destination="+12098888888",
    origin="+13977888822",
    caller_id="+13977888822",
    user_id="u1",
    action_trace_id="t1",
)
PLAN = DialOutPlan("Desk", "pstn-dial-out", preferred_codec="G722", preferred_video_codec="VP8")

DIALLED = Dialled("call@host")
DIAL_FAILED = DialFailed("'+1' cannot be reached")
WANTED = MediaUp("G722", telephone_event=True)
FALLBACK = MediaUp("PCMU", telephone_event=True)
WANTED_VIDEO = VideoUp("VP8")
VIDEO_FALLBACK = VideoUp("H264")
BYE = Ended(200, "OK", "remote")
BUSY = Ended(486, "Busy Here", "remote")
UNAVAILABLE = Ended(480, "Temporarily Unavailable", "remote")
CANCELLED = Ended(487, "Request Terminated", "local")
LOST = WorkerLost("killed by SIGKILL")
MOVED_IN = MovedIn("call@host", WANTED)

PATHS: dict[DialOutState, tuple[DialOutInput, ...]] = {
    S.NEW: (),
    S.ABANDONED: (StopRequested(),),
    S.DIALLING: (DIALLED,),
    S.RINGING: (DIALLED, Ringing()),
    S.ANSWERED: (DIALLED, Ringing(), Answered()),
    S.ENDING: (DIALLED, Ringing(), StopRequested()),
    S.GIVING_UP: (DIALLED, RingTimeout()),
    S.DONE: (DIALLED, BUSY),
}
SAMPLES: tuple[DialOutInput, ...] = (
    DIALLED,
    DIAL_FAILED,
    Ringing(),
    EarlyMedia(),
    Answered(),
    WANTED,
    FALLBACK,
    WANTED_VIDEO,
    VIDEO_FALLBACK,
    BYE,
    BUSY,
    UNAVAILABLE,
    CANCELLED,
    LOST,
    StopRequested(),
    RingTimeout(),
    MOVED_IN,
    MovedOut(),
)

STOPPED_ALONE = (S.DONE, ["dialout-stopped", "release"])
ERROR_ALONE = (S.DONE, ["dialout-error", "release"])
ERROR_DIALLING = (S.DONE, ["dialout-error", "timer off", "release"])
RINGS = (S.RINGING, ["dialout-connected", "join"])
ERROR_RINGING = (S.DONE, ["leave", "dialout-error", "timer off", "release"])
NO_ANSWER = (S.DONE, ["leave", "dialout-stopped", "timer off", "release"])
LEFT_STOPPED = (S.DONE, ["leave", "dialout-stopped", "release"])
LEFT_ERROR = (S.DONE, ["leave", "dialout-error", "release"])

EXPECTED: dict[tuple[DialOutState, DialOutInput], tuple[DialOutState, list[str]]] = {
    (S.NEW, DIALLED): (S.DIALLING, ["timer 60"]),
    (S.NEW, DIAL_FAILED): ERROR_ALONE,
    (S.NEW, BYE): ERROR_ALONE,
    (S.NEW, BUSY): ERROR_ALONE,
    (S.NEW, UNAVAILABLE): ERROR_ALONE,
    (S.NEW, CANCELLED): ERROR_ALONE,
    (S.NEW, LOST): ERROR_ALONE,
    (S.NEW, StopRequested()): (S.ABANDONED, []),
    (S.NEW, MOVED_IN): (S.ANSWERED, ["dialout-connected", "join", "dialout-answered"]),
    (S.ABANDONED, DIALLED): (S.ENDING, ["hang up"]),
    (S.ABANDONED, DIAL_FAILED): STOPPED_ALONE,
    (S.ABANDONED, BYE): STOPPED_ALONE,
    (S.ABANDONED, BUSY): STOPPED_ALONE,
    (S.ABANDONED, UNAVAILABLE): STOPPED_ALONE,
    (S.ABANDONED, CANCELLED): STOPPED_ALONE,
    (S.ABANDONED, LOST): STOPPED_ALONE,
    (S.DIALLING, Ringing()): RINGS,
    (S.DIALLING, EarlyMedia()): RINGS,
    (S.DIALLING, Answered()): (
        S.ANSWERED,
        ["dialout-connected", "join", "dialout-answered", "timer off"],
    ),
    (S.DIALLING, BYE): ERROR_DIALLING,
    (S.DIALLING, BUSY): ERROR_DIALLING,
    (S.DIALLING, UNAVAILABLE): ERROR_DIALLING,
    (S.DIALLING, CANCELLED): ERROR_DIALLING,
    (S.DIALLING, LOST): ERROR_DIALLING,
    (S.DIALLING, StopRequested()): (S.ENDING, ["hang up", "timer off"]),
    (S.DIALLING, RingTimeout()): (S.GIVING_UP, ["hang up"]),
    (S.RINGING, WANTED): (S.RINGING, []),
    (S.RINGING, FALLBACK): (S.RINGING, ["dialout-warning"]),
    (S.RINGING, Answered()): (S.ANSWERED, ["dialout-answered", "timer off"]),
    (S.RINGING, BYE): ERROR_RINGING,
    (S.RINGING, BUSY): ERROR_RINGING,
    (S.RINGING, UNAVAILABLE): NO_ANSWER,
    (S.RINGING, CANCELLED): NO_ANSWER,
    (S.RINGING, LOST): ERROR_RINGING,
    (S.RINGING, StopRequested()): (S.ENDING, ["hang up", "timer off"]),
    (S.RINGING, RingTimeout()): (S.ENDING, ["hang up"]),
    (S.ANSWERED, WANTED): (S.ANSWERED, []),
    (S.ANSWERED, FALLBACK): (S.ANSWERED, ["dialout-warning"]),
    (S.ANSWERED, WANTED_VIDEO): (S.ANSWERED, []),
    (S.ANSWERED, VIDEO_FALLBACK): (S.ANSWERED, ["dialout-warning"]),
    (S.ANSWERED, BYE): LEFT_STOPPED,
    (S.ANSWERED, BUSY): LEFT_ERROR,
    (S.ANSWERED, UNAVAILABLE): LEFT_ERROR,
    (S.ANSWERED, CANCELLED): LEFT_ERROR,
    (S.ANSWERED, LOST): LEFT_ERROR,
    (S.ANSWERED, StopRequested()): (S.ENDING, ["hang up"]),
    (S.ANSWERED, MovedOut()): LEFT_STOPPED,
    (S.ENDING, MovedOut()): LEFT_STOPPED,
    (S.ENDING, Answered()): (S.ENDING, ["hang up"]),
    (S.ENDING, BYE): LEFT_STOPPED,
    (S.ENDING, BUSY): LEFT_STOPPED,
    (S.ENDING, UNAVAILABLE): LEFT_STOPPED,
    (S.ENDING, CANCELLED): LEFT_STOPPED,
    (S.ENDING, LOST): LEFT_STOPPED,
    (S.GIVING_UP, Answered()): (S.GIVING_UP, ["hang up"]),
    (S.GIVING_UP, BYE): ERROR_ALONE,
    (S.GIVING_UP, BUSY): ERROR_ALONE,
    (S.GIVING_UP, UNAVAILABLE): ERROR_ALONE,
    (S.GIVING_UP, CANCELLED): ERROR_ALONE,
    (S.GIVING_UP, LOST): ERROR_ALONE,
}


CASE = MachineCase(
    "dial-out",
    make=lambda: DialOutMachine(EVENTS, PLAN),
    kinds=frozenset(get_args(DialOutInput)),
    samples=SAMPLES,
    paths=PATHS,
    expected=EXPECTED,
)
