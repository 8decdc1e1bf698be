"""ParticipantVerbs: participants, and messages to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._call import participant_requests
from .._native.arguments import json_copy, optional_string, string
from .._native.participant_ids import uuid_error
from .verbs import Completion, Verbs


class ParticipantVerbs(Verbs):
    """The verbs for participants. `participants` returns the current state; other getters, the latest callback's."""

    __slots__ = ()

    def participants(self) -> Mapping[str, Any]:
        """Return `CallParticipants`: this client under `local`, the others by id."""
        self._check_released()
        return self._participants.as_dict()

    def participant_counts(self) -> Mapping[str, Any]:
        """Return the number of participants: `{hidden, present}`."""
        return self._latest("participant_counts")

    def active_speaker(self) -> Mapping[str, Any]:
        """Return the `Participant` who spoke last; None if nobody has spoken yet."""
        return self._latest("active_speaker")

    def update_remote_participants(
        self, remote_participants: Mapping[str, Any], completion: Completion | None = None
    ) -> None:
        """Mute participants (`inputsEnabled`) or change their `permissions`, by id. Requires owner rights."""
        updates = json_copy(remote_participants)
        self._start(
            "updateRemoteParticipants",
            lambda: participant_requests.update_remote_participants(self._call, updates),
            completion,
        )

    def eject_remote_participants(self, ids: list[str], completion: Completion | None = None) -> None:
        """Eject participants; calls are hung up. Requires owner rights."""
        copied = json_copy(ids)
        self._start(
            "ejectRemoteParticipants",
            lambda: participant_requests.eject_remote_participants(self._call, copied),
            completion,
        )

    def update_permissions(self, permissions: Mapping[str, Any], completion: Completion | None = None) -> None:
        """Change this client's own permissions. Requires owner rights."""
        update = json_copy(permissions)
        self._start(
            "updatePermissions", lambda: participant_requests.update_permissions(self._call, update), completion
        )

    def send_app_message(
        self, message: Any, participant_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Send JSON of at most 4 KB to all other participants, or to one. Raises ValueError for None or an invalid id.

        The parameter `serialize_none` of daily-python's published stub does not exist in its module, nor here.
        """
        copied, recipient = json_copy(message), optional_string(participant_id)
        self._check_released()
        if copied is None:
            raise ValueError("invalid app message 'None'")
        if recipient is not None and uuid_error(recipient) is not None:
            raise ValueError(f"invalid participant ID '{recipient}'")
        self._start(
            "sendAppMessage", lambda: participant_requests.send_app_message(self._call, copied, recipient), completion
        )

    def send_prebuilt_chat_message(
        self, message: str, user_name: str | None = None, completion: Completion | None = None
    ) -> None:
        """Send a message that Daily Prebuilt shows in its chat."""
        text, name = string(message), optional_string(user_name)
        self._start(
            "sendPrebuiltChatMessage",
            lambda: participant_requests.send_chat_message(self._call, text, name),
            completion,
        )
