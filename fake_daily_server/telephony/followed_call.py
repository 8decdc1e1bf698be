"""A SIP call, and the current receiver of its notices."""

from __future__ import annotations

from collections.abc import Callable

from simulator.useragent import messages
from simulator.useragent.handle import Call

Follower = Callable[[Call, messages.AnyCallNotice], None]


class FollowedCall:
    """Passes the notices of a SIP call to its current follower: a roomless caller, a session of a room, or a transfer.

    A call keeps its `FollowedCall` from the INVITE to the end; whichever object takes the call over sets `follower`.
    """

    def __init__(self, follower: Follower, call: Call | None = None) -> None:
        self.follower = follower
        self.call = call
        """The SIP call; None until the INVITE of a dialled call has been sent."""
        if call is not None:
            call.on_notice = lambda notice: self.notice(call, notice)

    @classmethod
    def of(cls, call: Call) -> FollowedCall:
        """An incoming call that nobody follows yet."""
        return cls(lambda *_: None, call)

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Pass a notice to the follower; serves as `on_notice` of `Gateway.dial`."""
        self.call = call
        self.follower(call, notice)
