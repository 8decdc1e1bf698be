"""A telephone network on loopback: phones, numbers, digits, real SIP and RTP. Knows nothing of Daily.

The names in `__all__` are public; every other module may change without notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from simulator.capture import Capture
    from simulator.errors import (
        CallEnded,
        CallError,
        CallRefused,
        ConfigurationError,
        ExpectationFailed,
        HostNotAllowed,
        LineBusy,
        NoRoute,
        RouteError,
        SimulatorError,
        UnknownNumber,
        WorkerCrashed,
    )
    from simulator.network import Network
    from simulator.phone import Phone
    from simulator.phone_call import PhoneCall
    from simulator.phone_spec import CallPlan, PhoneSpec
    from simulator.relay import Faults
    from simulator.sync import SyncNetwork, SyncPhone, SyncPhoneCall
    from simulator.timeline import Record, Timeline

__all__ = [
    "CallEnded",
    "CallError",
    "CallPlan",
    "CallRefused",
    "Capture",
    "ConfigurationError",
    "ExpectationFailed",
    "Faults",
    "HostNotAllowed",
    "LineBusy",
    "Network",
    "NoRoute",
    "Phone",
    "PhoneCall",
    "PhoneSpec",
    "Record",
    "RouteError",
    "SimulatorError",
    "SyncNetwork",
    "SyncPhone",
    "SyncPhoneCall",
    "Timeline",
    "UnknownNumber",
    "WorkerCrashed",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "simulator.phone_spec": ("CallPlan", "PhoneSpec"),
        "simulator.capture": ("Capture",),
        "simulator.errors": (
            "CallEnded",
            "CallError",
            "CallRefused",
            "ConfigurationError",
            "ExpectationFailed",
            "HostNotAllowed",
            "LineBusy",
            "NoRoute",
            "RouteError",
            "SimulatorError",
            "UnknownNumber",
            "WorkerCrashed",
        ),
        "simulator.network": ("Network",),
        "simulator.phone": ("Phone",),
        "simulator.phone_call": ("PhoneCall",),
        "simulator.relay": ("Faults",),
        "simulator.sync": ("SyncNetwork", "SyncPhone", "SyncPhoneCall"),
        "simulator.timeline": ("Record", "Timeline"),
    },
)
