"""CallParticipants: the participants of the call, in the signalling's and in daily-python's format."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from .._settings.client_settings import ClientSettings
from .local_media import local_media
from .participant_format import to_participant

Fields = dict[str, Any]


class CallParticipants:
    """The participants of a call by session id; before and after a call, only the client itself.

    Getters return the current state and may be called on any thread.
    """

    def __init__(self, settings: ClientSettings) -> None:
        self.user_name: str | None = None
        """The name set with `set_user_name`; None if it was never called."""
        self._settings = settings
        self._local_id = str(uuid.uuid4())
        self._created_at = int(time.time())
        self._everybody: Mapping[str, Fields] = {}
        self._reported: dict[str, Fields] = {}
        """Each participant as last reported to the event handler."""
        self._reported[self._local_id] = self.local()

    @property
    def everybody(self) -> Mapping[str, Fields]:
        """All participants in the signalling's format, by session id. Changes replace the mapping."""
        return self._everybody

    @property
    def others(self) -> list[str]:
        """The session ids of all participants except the client."""
        return [session_id for session_id in self._everybody if session_id != self._local_id]

    @property
    def local_id(self) -> str:
        """The client's own participant id."""
        return self._local_id

    def enter(self, participants: Mapping[str, Fields]) -> None:
        """Set the participants from `joined-meeting`, which has the client itself under `local`."""
        self._local_id = participants["local"]["session_id"]
        self._everybody = {participant["session_id"]: participant for participant in participants.values()}
        self._reported = {self._local_id: self.local()}

    def leave(self) -> None:
        """Remove all participants except the client itself."""
        self._everybody = {}
        self._reported = {self._local_id: self.local()}

    def put(self, participant: Fields) -> None:
        """Add or replace a participant, given in the signalling's format."""
        self._everybody = {**self._everybody, participant["session_id"]: participant}

    def remove(self, session_id: str) -> None:
        """Remove a participant that has left."""
        self._everybody = {other: fields for other, fields in self._everybody.items() if other != session_id}
        self._reported.pop(session_id, None)

    def local(self) -> Fields:
        """Return the client itself as daily-python's `Participant`."""
        fields = self._everybody.get(self._local_id)
        media = local_media(self._settings.inputs, self._settings.publishing, fields)
        if fields is not None:
            return {**to_participant(fields), "media": media}
        info: Fields = {"isLocal": True, "isOwner": False, "joinedAt": self._created_at}
        if self.user_name is not None:
            info["userName"] = self.user_name
        return {"id": self._local_id, "info": info, "media": media}

    def one(self, session_id: str) -> Fields:
        """Return a participant of the call as daily-python's `Participant`."""
        if session_id == self._local_id:
            return self.local()
        return self.remote(self._everybody[session_id])

    def remote(self, fields: Fields) -> Fields:
        """Convert another participant from the signalling's format to daily-python's `Participant`."""
        subscriptions = self._settings.subscriptions
        return to_participant(fields, lambda medium: subscriptions.of(fields["session_id"], medium))

    def as_dict(self) -> dict[str, Fields]:
        """Return daily-python's `CallParticipants`: the client under `local`, the others by id."""
        everybody = self._everybody  # may be replaced by the I/O loop at any moment
        others = {id_: self.remote(fields) for id_, fields in everybody.items() if id_ != self._local_id}
        return {"local": self.local(), **others}

    def take_change(self, session_id: str) -> Fields | None:
        """Return a participant if it differs from its last report, and mark it as reported; otherwise None."""
        now = self.one(session_id)
        if self._reported.get(session_id) == now:
            return None
        self._reported[session_id] = now
        return now

    def take_changed(self) -> list[Fields]:
        """Return all participants that differ from their last report, and mark them as reported."""
        changes = [self.take_change(session_id) for session_id in list(self._reported)]
        return [change for change in changes if change is not None]
