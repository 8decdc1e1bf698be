"""Who is in the call, as the signalling tells it, and as daily-python shows it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from .._settings.client_settings import ClientSettings
from .local_media import local_media
from .participant_format import participant

Shown = dict[str, Any]


class People:
    """The participants of a call by session id. Reads are of this moment, from any thread.

    Before a call and after it there is only the client itself.
    """

    def __init__(self, settings: ClientSettings) -> None:
        self.user_name: str | None = None
        """The name that the client has given itself."""
        self._settings = settings
        self._local_id = str(uuid.uuid4())
        self._began = int(time.time())
        self._everybody: Mapping[str, Shown] = {}
        self._told: dict[str, Shown] = {}
        self._told[self._local_id] = self.local()

    @property
    def everybody(self) -> Mapping[str, Shown]:
        """As the signalling shows them. A change makes another mapping."""
        return self._everybody

    @property
    def others(self) -> list[str]:
        """The session ids of the others."""
        return [person for person in self._everybody if person != self._local_id]

    @property
    def local_id(self) -> str:
        """The client's own participant id."""
        return self._local_id

    def enter(self, participants: Mapping[str, Shown]) -> None:
        """The client has joined, and these are there: itself under `local`."""
        self._local_id = participants["local"]["session_id"]
        self._everybody = {person["session_id"]: person for person in participants.values()}
        self._told = {self._local_id: self.local()}

    def leave(self) -> None:
        """The client is in no call."""
        self._everybody = {}
        self._told = {self._local_id: self.local()}

    def put(self, person: Shown) -> None:
        """Somebody has come or has changed."""
        self._everybody = {**self._everybody, person["session_id"]: person}

    def remove(self, session_id: str) -> None:
        """Somebody has left."""
        self._everybody = {other: shown for other, shown in self._everybody.items() if other != session_id}
        self._told.pop(session_id, None)

    def local(self) -> Shown:
        """The client itself, as `Participant`."""
        shown = self._everybody.get(self._local_id)
        media = local_media(self._settings.inputs, self._settings.publishing, shown)
        if shown is not None:
            return {**participant(shown), "media": media}
        info: Shown = {"isLocal": True, "isOwner": False, "joinedAt": self._began}
        if self.user_name is not None:
            info["userName"] = self.user_name
        return {"id": self._local_id, "info": info, "media": media}

    def one(self, session_id: str) -> Shown:
        """Somebody in the call, as `Participant`."""
        if session_id == self._local_id:
            return self.local()
        return self.shown(self._everybody[session_id])

    def shown(self, person: Shown) -> Shown:
        """Another one of the signalling, as `Participant`."""
        subscriptions = self._settings.subscriptions
        return participant(person, lambda medium: subscriptions.of(person["session_id"], medium))

    def call_participants(self) -> dict[str, Shown]:
        """`CallParticipants`."""
        others = [(person, shown) for person, shown in self._everybody.items() if person != self._local_id]
        return {"local": self.local(), **{person: self.shown(shown) for person, shown in others}}

    def news(self, session_id: str) -> Shown | None:
        """How somebody looks now; None when that was told already."""
        now = self.one(session_id)
        if self._told.get(session_id) == now:
            return None
        self._told[session_id] = now
        return now

    def changed(self) -> list[Shown]:
        """All who look otherwise than was told last."""
        told = [self.news(person) for person in list(self._told)]
        return [news for news in told if news is not None]
