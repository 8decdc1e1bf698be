"""SIP user agents, each in a worker process of its own.

The parent leases a `UserAgent` from a `Pool`, dials and answers `Call`s with it, and gets notices (`messages`) of them.
PJSIP is loaded in worker processes only (`worker`), because it aborts the whole process when it is misused. Each name
is imported at its first use, so that a worker does not import the parent's modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.lazy_exports import lazy_exports

if TYPE_CHECKING:
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

__getattr__ = lazy_exports(
    __name__,
    {
        "simulator.useragent.handle": ("Call", "UserAgent"),
        "simulator.useragent.messages": (
            "Answered",
            "AnyCallNotice",
            "AudioCodec",
            "Crashed",
            "Dialling",
            "DigitEnd",
            "DigitMethod",
            "DigitsFailed",
            "DigitsSent",
            "DigitStart",
            "EarlyMedia",
            "Ended",
            "Held",
            "Incoming",
            "InfoReceived",
            "Media",
            "Resumed",
            "Ringing",
            "Statistics",
            "TransferProgress",
            "TransferRequested",
            "WorkerSettings",
        ),
        "simulator.useragent.pool": ("Pool",),
    },
)
