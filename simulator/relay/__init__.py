"""An RTP relay between user agents: it observes the packets that are sent, and impairs them."""

from simulator.relay.faults import Direction, FaultFields, Faults, PhoneImpairment
from simulator.relay.impairment import Impairment
from simulator.relay.path import RelayPath
from simulator.relay.relay import Relay
from simulator.relay.rtp import RtpPacket
from simulator.relay.stream_injector import StreamInjector
from simulator.relay.tap import ObservedPacket, Tap, TapSummary
from simulator.relay.telephone_event_receiver import RtpDigit, TelephoneEventReceiver
from simulator.useragent.media_path import Role

__all__ = [
    "Direction",
    "FaultFields",
    "Faults",
    "Impairment",
    "ObservedPacket",
    "PhoneImpairment",
    "Relay",
    "RelayPath",
    "Role",
    "RtpDigit",
    "RtpPacket",
    "StreamInjector",
    "Tap",
    "TapSummary",
    "TelephoneEventReceiver",
]
