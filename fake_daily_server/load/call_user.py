"""`CallUser`, a Locust user with a phone and a room."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import cached_property
from typing import Any, ClassVar

from locust import User

from fake_daily_server.load.call import Call
from fake_daily_server.load.locust_hooks import worker_of
from fake_daily_server.load.measured import Statistics
from fake_daily_server.load.phone import Phone
from fake_daily_server.load.room import Room
from fake_daily_server.load.server_api import LoadFailure
from fake_daily_server.load.worker import Worker


class CallUser(User):
    """A user whose tasks place and take calls, each of which is a context manager.

    Its phone is one of the server process beside this Locust worker; its room is of the server under test: that of
    Locust's `--host`, or the same process without one. Both are made at their first use, and the phone is removed when
    the user stops. A method that fails raises LoadFailure after it was counted: the task ends, its calls are hung up,
    and Locust begins the next task.
    """

    abstract = True

    lines: ClassVar[int] = 1
    """How many calls the phone takes at once, 1 to 200."""
    shares_phone: ClassVar[bool] = False
    """Whether the users of this class in a worker have one phone, whose `lines` have to be enough for all of them."""
    shares_room: ClassVar[bool] = False
    """Whether the users of this class in a worker have one room."""
    phone_fields: ClassVar[dict[str, Any]] = {}
    """Other fields of the phone, such as `codecs` or `persona`, as `POST /_sim/phones` has them."""
    room_properties: ClassVar[dict[str, Any]] = {}
    """Daily's properties of the room, besides those that dialling in and out need."""

    @cached_property
    def phone(self) -> Phone:
        """The phone of this user, or that of all users of its class in this worker."""

        def make() -> Phone:
            return Phone(self._worker.phones, {"lines": self.lines, **self.phone_fields})

        return self._worker.shared((type(self), "phone"), make) if self.shares_phone else make()

    @cached_property
    def room(self) -> Room:
        """The room of this user, or that of all users of its class in this worker."""

        def make() -> Room:
            return Room(self._worker.rooms, self.room_properties)

        return self._worker.shared((type(self), "room"), make) if self.shares_room else make()

    def dial(self, to: str | None = None, *, name: str = "dial", within: float = 30) -> Call:
        """Call a SIP URI or number, by default the user's room, and wait for the answer; a row `call`.

        `name` is that of the row. Raises LoadFailure.
        """
        phone, room = self.phone, self.room if to is None else None
        began = time.perf_counter()
        with self._statistics.measured("call", name):
            dialled = phone.server.sim(f"/phones/{phone.id}/dial", {"to": room.sip_uri if room else to})
            call = self._call(dialled["sip_call_id"], room, began=began)
            call.wait_answered(within=within)
        return call

    def dial_out(self, *, name: str = "dial out", within: float = 30) -> Call:
        """Let the user's room call the user's phone, and wait for the answer; a row `call`. Raises LoadFailure."""
        phone, room = self.phone, self.room
        began = time.perf_counter()
        with self._statistics.measured("call", name):
            session = room.dial_out(phone.uri)
            try:
                event = room.wait_for_event("dialout-answered", {"sessionId": session}, within=within)["event"]
            except BaseException:
                with suppress(LoadFailure):  # it has ended by itself
                    room.stop_dial_out(session)
                raise
            return self._call(event["sipCallId"], room, session_id=session, began=began)

    def take_call(self, *, name: str = "take", within: float = 30) -> Call:
        """Wait until a program calls `phone.uri` and the phone has answered; a row `call`. Raises LoadFailure.

        With a phone of several users, each call goes to one of them.
        """
        phone = self.phone
        began = time.perf_counter()
        with self._statistics.measured("call", name):
            taken = phone.server.sim(f"/phones/{phone.id}/wait-for-call", {"within_ms": round(within * 1000)})
            call = self._call(taken["sip_call_id"], None, began=began)
            call.wait_answered(within=within)
        return call

    def on_stop(self) -> None:
        """Remove the phone, which hangs up its calls. A class with an `on_stop` of its own calls this one, too."""
        if "phone" in self.__dict__ and not self.shares_phone:
            self.phone.remove()

    def _call(self, sip_call_id: str, room: Room | None, *, began: float, session_id: str | None = None) -> Call:
        return Call(
            self.phone.server,
            self._statistics,
            phone=self.phone.id,
            sip_call_id=sip_call_id,
            room=room,
            session_id=session_id,
            began=began,
        )

    @property
    def _worker(self) -> Worker:
        return worker_of(self.environment)

    @cached_property
    def _statistics(self) -> Statistics:
        return Statistics(self.environment)
