"""CallClient: a participant of a room."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, final
from weakref import WeakSet

from .._call.event_delivery import EventDelivery
from .._call.event_handler import EventHandler, is_event_handler
from .._call.participants import CallParticipants
from .._native.arguments import json_copy, optional_string, string
from .._native.classes import native_class
from .._native.errors import JsonApiError, VerbError
from .._native.init_check import warn_unless_initialized
from .._settings.client_settings import ClientSettings
from .media_verbs import MediaVerbs
from .participant_verbs import ParticipantVerbs
from .service_verbs import ServiceVerbs
from .settings_verbs import SettingsVerbs
from .telephony_verbs import TelephonyVerbs
from .verbs import Completion

_clients: WeakSet[CallClient] = WeakSet()


@final
@native_class
class CallClient(TelephonyVerbs, ParticipantVerbs, SettingsVerbs, MediaVerbs, ServiceVerbs):
    """A participant of a room of the fake Daily, with the verbs, events and errors of daily-python's class.

    Every verb returns at once and, when done, calls its completion if one was passed; failures are also reported to
    `on_error`. Completions and the methods of the event handler run one after the other on the client's callback
    thread. Call `release` at the end. All public methods of daily-python's class are present.
    """

    __slots__ = ()

    def __init__(self, event_handler: EventHandler | None = None) -> None:
        from .._call.call import Call  # noqa: PLC0415 - asyncio and websockets load with the first client
        from .._media.client_media import ClientMedia  # noqa: PLC0415
        from .._threads.io_loop import io_loop  # noqa: PLC0415

        self._released = True
        if event_handler is not None and not is_event_handler(event_handler):
            raise TypeError("event_handler should be a subclass of `EventHandler`")
        warn_unless_initialized("CallClient()")
        self._process = os.getpid()
        self._releasing = threading.Lock()
        self._loop = io_loop()
        self._settings = ClientSettings()
        self._participants = CallParticipants(self._settings)
        self._delivery = delivery = EventDelivery(event_handler, self._settings)
        self._media = ClientMedia(lambda error: delivery.emit("on_error", error))
        self._call = Call(self._delivery, self._settings, self._participants, self._media)
        self._released = False
        _clients.add(self)

    def __del__(self) -> None:
        if not getattr(self, "_released", True) and not sys.is_finalizing():
            with contextlib.suppress(RuntimeError):  # created before a fork, or the loop is closed
                self._release(wait=False)

    def release(self) -> None:
        """Leave the call, if in one, and release the client: no callback runs afterwards, and verbs raise RuntimeError.

        Waits until pending verbs are done and all callbacks have returned. Called inside a callback, it returns at
        once, whereas in daily-python it never returns.
        """
        self._release(wait=True)

    def join(
        self,
        meeting_url: str,
        meeting_token: str | None = None,
        client_settings: Mapping[str, Any] | None = None,
        completion: Callable[[Mapping[str, Any] | None, str | None], object] | None = None,
    ) -> None:
        """Join the room at `meeting_url`. The completion receives `JoinData`: `meetingSession`, `participants.local`.

        `on_participant_joined` then reports the participants who joined earlier. If the room cannot be reached, the
        join fails at once, where daily-python tries for 19 s. If the connection is lost later, the client resumes as
        the same participant for as long as the room keeps it; after that the call state is `left`.
        """
        url, token, settings = string(meeting_url), optional_string(meeting_token), json_copy(client_settings)
        self._start(
            "join",
            lambda: self._call.join(url, token, settings),
            completion,
            with_result=True,
            afterwards=self._call.deliver_held_events,
        )

    def leave(self, completion: Completion | None = None) -> None:
        """Leave the room. The client may join again."""
        self._start("leave", self._call.leave, completion)

    def set_user_name(self, user_name: str) -> None:
        """Set the name that other participants see."""
        name = string(user_name)
        self._start("setUserName", lambda: self._call.set_user_name(name))

    def get_network_stats(self) -> Mapping[str, Any]:
        """Return the statistics that daily-python reports outside a call: nothing is measured on loopback."""
        self._check_released()
        return {"quality": 100, "stats": {"latest": {}}, "threshold": "good"}

    def set_proxy_url(self, proxy_url: str | None = None, completion: Completion | None = None) -> None:
        """Do nothing successfully: all connections stay on this machine."""
        optional_string(proxy_url)
        self._start("setProxyUrl", _do_nothing, completion)

    def set_ice_config(self, ice_config: Mapping[str, Any] | None = None, completion: Completion | None = None) -> None:
        """Validate the configuration as daily-python does. It has no effect: there is no ICE here."""
        config = json_copy(ice_config)
        self._start("setIceConfig", lambda: _check_ice_config(config), completion)


for _base in CallClient.__mro__[1:-1]:
    for _name, _verb in vars(_base).items():
        if isinstance(_verb, FunctionType) and not _name.startswith("_"):
            _verb.__qualname__ = f"CallClient.{_name}"  # Python's errors about arguments show this name


async def _do_nothing() -> None: ...


async def _check_ice_config(config: Any) -> None:
    problem = None
    if config is not None and not isinstance(config, dict):
        problem = "IceConfig is not an object"
    elif config is not None and "iceServers" not in config:
        problem = "iceServers key is missing"
    elif config is not None and not isinstance(config["iceServers"], list):
        problem = "iceServers must be an array"
    if problem is not None:
        raise VerbError(f"Invalid ice config settings: {JsonApiError(problem)}")


def clients_in_call() -> list[CallClient]:
    """Return the unreleased clients of this process that are in a call, joining or leaving."""
    return [client for client in _clients if not client._released and client._call.is_active]
