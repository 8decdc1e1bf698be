"""SIP user agents, each in a worker process of its own.

The parent leases a `UserAgent` from a `Pool`, dials and answers `Call`s with it, and gets notices (`messages`) of them.
PJSIP is loaded in worker processes only (`worker`), because it aborts the whole process when it is misused.
"""

from simulator.useragent.handle import Call, UserAgent
from simulator.useragent.messages import (
    Answered,
    AnyCallNotice,
    AudioCodec,
    Crashed,
    Dialling,
    DigitEnd,
    DigitMethod,
    DigitsFailed,
    DigitsSent,
    DigitStart,
    EarlyMedia,
    Ended,
    Held,
    Incoming,
    InfoReceived,
    Media,
    Resumed,
    Ringing,
    Statistics,
    TransferProgress,
    TransferRequested,
    WorkerSettings,
)
from simulator.useragent.pool import Pool

__all__ = [
    "Answered",
    "AnyCallNotice",
    "AudioCodec",
    "Call",
    "Crashed",
    "Dialling",
    "DigitEnd",
    "DigitMethod",
    "DigitStart",
    "DigitsFailed",
    "DigitsSent",
    "EarlyMedia",
    "Ended",
    "Held",
    "Incoming",
    "InfoReceived",
    "Media",
    "Pool",
    "Resumed",
    "Ringing",
    "Statistics",
    "TransferProgress",
    "TransferRequested",
    "UserAgent",
    "WorkerSettings",
]
