"""An RTP relay between user agents: the tap that tells what was really sent, and the place where a line is bad."""

from simulator.relay.digits import Press, Receiver
from simulator.relay.faults import BadLine, Direction, Faults, Impairment
from simulator.relay.path import RelayPath
from simulator.relay.relay import Relay
from simulator.relay.rtp import RtpPacket
from simulator.relay.takeover import Takeover
from simulator.relay.tap import Seen, Summary, Tap
from simulator.useragent.media_path import Role

__all__ = [
    "BadLine",
    "Direction",
    "Faults",
    "Impairment",
    "Press",
    "Receiver",
    "Relay",
    "RelayPath",
    "Role",
    "RtpPacket",
    "Seen",
    "Summary",
    "Takeover",
    "Tap",
]
