"""A fake of Daily on this machine: REST, signalling, rooms, events and telephony over real SIP.

The names in `__all__` are public; everything else may change without notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from fake_daily_server.handles.client import Client
    from fake_daily_server.handles.client_audio import Heard
    from fake_daily_server.handles.events import Events
    from fake_daily_server.handles.room_handle import RoomHandle
    from fake_daily_server.handles.running_bot import RunningBot
    from fake_daily_server.handles.running_program import RunningProgram
    from fake_daily_server.handles.webhook_receiver import Post, WebhookReceiver
    from fake_daily_server.server import FakeDaily
    from fake_daily_server.settings import Settings
    from fake_daily_server.sync import (
        SyncClient,
        SyncFakeDaily,
        SyncRunningBot,
        SyncRunningProgram,
        SyncWebhookReceiver,
    )
    from fake_daily_server.values.errors import (
        BadAuthorizationHeader,
        BadJson,
        DailyError,
        Forbidden,
        Gone,
        InvalidRequest,
        JoinRefused,
        NotFound,
        ServerFault,
        WrongApiKey,
    )

__all__ = [
    "BadAuthorizationHeader",
    "BadJson",
    "Client",
    "DailyError",
    "Events",
    "FakeDaily",
    "Forbidden",
    "Gone",
    "Heard",
    "InvalidRequest",
    "JoinRefused",
    "NotFound",
    "Post",
    "RoomHandle",
    "RunningBot",
    "RunningProgram",
    "ServerFault",
    "Settings",
    "SyncClient",
    "SyncFakeDaily",
    "SyncRunningBot",
    "SyncRunningProgram",
    "SyncWebhookReceiver",
    "WebhookReceiver",
    "WrongApiKey",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "fake_daily_server.handles.client": ("Client",),
        "fake_daily_server.handles.client_audio": ("Heard",),
        "fake_daily_server.handles.events": ("Events",),
        "fake_daily_server.handles.room_handle": ("RoomHandle",),
        "fake_daily_server.handles.running_bot": ("RunningBot",),
        "fake_daily_server.handles.running_program": ("RunningProgram",),
        "fake_daily_server.handles.webhook_receiver": ("Post", "WebhookReceiver"),
        "fake_daily_server.server": ("FakeDaily",),
        "fake_daily_server.settings": ("Settings",),
        "fake_daily_server.sync": (
            "SyncClient",
            "SyncFakeDaily",
            "SyncRunningBot",
            "SyncRunningProgram",
            "SyncWebhookReceiver",
        ),
        "fake_daily_server.values.errors": (
            "BadAuthorizationHeader",
            "BadJson",
            "DailyError",
            "Forbidden",
            "Gone",
            "InvalidRequest",
            "JoinRefused",
            "NotFound",
            "ServerFault",
            "WrongApiKey",
        ),
    },
)
