"""A SIP call of Daily's, and who follows it: the lobby, a session of a room, a transfer, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from simulator.useragent import messages
from simulator.useragent.handle import Call

Follower = Callable[[Call, messages.AnyCallNotice], None]


class Line:
    """`follower` gets every notice of the call; whoever takes the call over puts itself there."""

    def __init__(self, follower: Follower, call: Call | None = None) -> None:
        self.follower = follower
        self.call = call
        """None until the INVITE of a dialled call is out."""
        if call is not None:
            call.on_notice = lambda notice: self.notice(call, notice)

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Pass a notice on; the `on_notice` of `Gateway.dial`."""
        self.call = call
        self.follower(call, notice)
