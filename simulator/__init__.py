"""A telephone network on loopback: phones, numbers, digits, real SIP and RTP. Knows nothing of Daily.

The names in `__all__` are public; every other module may change without notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from simulator.audio.e_model import Quality
    from simulator.capture import Capture
    from simulator.dial_target import DialTarget
    from simulator.errors import (
        BlockedLoop,
        CallEnded,
        CallError,
        CallRefused,
        ConfigurationError,
        ExpectationFailed,
        HostNotAllowed,
        LineBusy,
        NoRoute,
        ProgramFailed,
        RouteError,
        SimulatorError,
        UnknownNumber,
        WorkerCrashed,
    )
    from simulator.network import Network
    from simulator.phone import Phone
    from simulator.phone_call import PhoneCall
    from simulator.phone_spec import CallPlan, PhoneSpec
    from simulator.received_digits import HeardDigit
    from simulator.relay import Faults, PhoneImpairment, Tap, TapSummary
    from simulator.sync import SyncNetwork, SyncPhone, SyncPhoneCall
    from simulator.timeline import Record, Timeline
    from simulator.useragent.messages import Ended, InfoReceived, Media, Statistics
    from simulator.video.received_video import ReceivedVideo

__all__ = [
    "BlockedLoop",
    "CallEnded",
    "CallError",
    "CallPlan",
    "CallRefused",
    "Capture",
    "ConfigurationError",
    "DialTarget",
    "Ended",
    "ExpectationFailed",
    "Faults",
    "HeardDigit",
    "HostNotAllowed",
    "InfoReceived",
    "LineBusy",
    "Media",
    "Network",
    "NoRoute",
    "Phone",
    "PhoneCall",
    "PhoneImpairment",
    "PhoneSpec",
    "ProgramFailed",
    "Quality",
    "ReceivedVideo",
    "Record",
    "RouteError",
    "SimulatorError",
    "Statistics",
    "SyncNetwork",
    "SyncPhone",
    "SyncPhoneCall",
    "Tap",
    "TapSummary",
    "Timeline",
    "UnknownNumber",
    "WorkerCrashed",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "simulator.audio.e_model": ("Quality",),
        "simulator.capture": ("Capture",),
        "simulator.dial_target": ("DialTarget",),
        "simulator.errors": (
            "BlockedLoop",
            "CallEnded",
            "CallError",
            "CallRefused",
            "ConfigurationError",
            "ExpectationFailed",
            "HostNotAllowed",
            "LineBusy",
            "NoRoute",
            "ProgramFailed",
            "RouteError",
            "SimulatorError",
            "UnknownNumber",
            "WorkerCrashed",
        ),
        "simulator.network": ("Network",),
        "simulator.phone": ("Phone",),
        "simulator.phone_call": ("PhoneCall",),
        "simulator.phone_spec": ("CallPlan", "PhoneSpec"),
        "simulator.received_digits": ("HeardDigit",),
        "simulator.relay": ("Faults", "PhoneImpairment", "Tap", "TapSummary"),
        "simulator.sync": ("SyncNetwork", "SyncPhone", "SyncPhoneCall"),
        "simulator.timeline": ("Record", "Timeline"),
        "simulator.useragent.messages": ("Ended", "InfoReceived", "Media", "Statistics"),
        "simulator.video.received_video": ("ReceivedVideo",),
    },
)
