"""Bad senders of telephone-events (RFC 4733) as data, what a receiver must report for each, and a way to play them.

The tables need no network, so any receiver can be tested with them; `press_like` sends one on a live call.
In-band senders, whose digits are tones in the audio, are in `simulator.dtmf_senders.in_band_senders`.
"""

from simulator.dtmf_senders.bad_senders import BAD_SENDERS, BadSender, ExpectedDigit, markdown_table
from simulator.dtmf_senders.event_packets import EventPacket, PacketTrain, digit_packets
from simulator.dtmf_senders.press_like import press_like

__all__ = [
    "BAD_SENDERS",
    "BadSender",
    "EventPacket",
    "ExpectedDigit",
    "PacketTrain",
    "digit_packets",
    "markdown_table",
    "press_like",
]
