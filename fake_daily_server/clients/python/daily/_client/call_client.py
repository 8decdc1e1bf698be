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

from .._call.event_delivery import Told
from .._call.event_handler import EventHandler, is_event_handler
from .._call.participants import People
from .._native.arguments import optional_text, plain, text
from .._native.classes import native_class
from .._native.errors import JsonApiError, VerbError
from .._native.init_check import needed_by
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
    """A participant of a room of the fake Daily, with the verbs, events and errors of daily-python's.

    Every verb returns at once and calls its completion, if it was given one, when it is carried out; a failure also
    goes to `on_error`. Completions and the methods of the event handler are called one after the other on a thread
    of the client's own. `release` it in the end.
    """

    __slots__ = ()

    def __init__(self, event_handler: EventHandler | None = None) -> None:
        from .._call.call import Call  # noqa: PLC0415 - asyncio and websockets load with the first client
        from .._media.client_media import Media  # noqa: PLC0415
        from .._threads.io_loop import io_loop  # noqa: PLC0415

        self._released = True
        if event_handler is not None and not is_event_handler(event_handler):
            raise TypeError("event_handler should be a subclass of `EventHandler`")
        needed_by("CallClient()")
        self._process = os.getpid()
        self._releasing = threading.Lock()
        self._loop = io_loop()
        self._settings = ClientSettings()
        self._people = People(self._settings)
        self._told = told = Told(event_handler, self._settings)
        self._media = Media(lambda message: told.tell("on_error", message))
        self._call = Call(self._told, self._settings, self._people, self._media)
        self._released = False
        _clients.add(self)

    def __del__(self) -> None:
        if not getattr(self, "_released", True) and not sys.is_finalizing():
            with contextlib.suppress(RuntimeError):  # of another process, or the loop has been closed
                self._release(wait=False)

    def release(self) -> None:
        """Leave, if in a call, and end: no callback comes after this, and every other verb raises RuntimeError.

        Waits until what is under way is done and all callbacks have returned. In daily-python a release from inside
        a callback never returns; here it does not wait then.
        """
        self._release(wait=True)

    def join(
        self,
        meeting_url: str,
        meeting_token: str | None = None,
        client_settings: Mapping[str, Any] | None = None,
        completion: Callable[[Mapping[str, Any] | None, str | None], object] | None = None,
    ) -> None:
        """Join the room at this URL. The completion gets `JoinData`: `meetingSession`, and `participants.local`.

        Who is there already is told as `on_participant_joined` afterwards. A room that cannot be reached fails at
        once, where daily-python tries for 19 s. When the connection is lost, the client takes up its place again for
        as long as the room keeps it; after that the call state is `left`.
        """
        url, token, settings = text(meeting_url), optional_text(meeting_token), plain(client_settings)
        self._start(
            "join",
            lambda: self._call.join(url, token, settings),
            completion,
            with_result=True,
            afterwards=self._call.tell_held,
        )

    def leave(self, completion: Completion | None = None) -> None:
        """Leave the room. The client may join again."""
        self._start("leave", self._call.leave, completion)

    def set_user_name(self, user_name: str) -> None:
        """Take a name; others see it."""
        name = text(user_name)
        self._start("setUserName", lambda: self._call.rename(name))

    def get_network_stats(self) -> Mapping[str, Any]:
        """Those of a client before its call: nothing is measured on loopback, and it is good."""
        self._check_released()
        return {"quality": 100, "stats": {"latest": {}}, "threshold": "good"}

    def set_proxy_url(self, proxy_url: str | None = None, completion: Completion | None = None) -> None:
        """Succeeds and does nothing: all connections stay on this machine."""
        optional_text(proxy_url)
        self._start("setProxyUrl", _nothing, completion)

    def set_ice_config(self, ice_config: Mapping[str, Any] | None = None, completion: Completion | None = None) -> None:
        """Checked as by daily-python; nothing else, there is no ICE here."""
        config = plain(ice_config)
        self._start("setIceConfig", lambda: _checked_ice_config(config), completion)


for _base in CallClient.__mro__[1:-1]:
    for _name, _verb in vars(_base).items():
        if isinstance(_verb, FunctionType) and not _name.startswith("_"):
            _verb.__qualname__ = f"CallClient.{_name}"  # what errors about arguments say


async def _nothing() -> None: ...


async def _checked_ice_config(config: Any) -> None:
    problem = None
    if config is not None and not isinstance(config, dict):
        problem = "IceConfig is not an object"
    elif config is not None and "iceServers" not in config:
        problem = "iceServers key is missing"
    elif config is not None and not isinstance(config["iceServers"], list):
        problem = "iceServers must be an array"
    if problem is not None:
        raise VerbError(f"Invalid ice config settings: {JsonApiError(problem)}")


def clients_in_a_call() -> list[CallClient]:
    """Those of this process that are in a call, or about to be, and were not released."""
    return [client for client in _clients if not client._released and client._call.is_going_on]
