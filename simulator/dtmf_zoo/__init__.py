"""Bad DTMF senders as data, what a receiver is to make of each, and a way to let them loose on live calls."""

from simulator.dtmf_zoo.play import play
from simulator.dtmf_zoo.senders import ZOO, BadSender, Yield, table
from simulator.dtmf_zoo.trains import EventPacket, Train, press

__all__ = ["ZOO", "BadSender", "EventPacket", "Train", "Yield", "play", "press", "table"]
