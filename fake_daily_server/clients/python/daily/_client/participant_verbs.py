"""CallClient: participants and messages to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._call import participant_requests as _remote
from .._native.arguments import optional_text, plain, text
from .._native.participant_ids import unparsable
from .verbs import Completion, Verbs


class ParticipantVerbs(Verbs):
    """Reads are of this moment, or of the latest callback where that says so."""

    __slots__ = ()

    def participants(self) -> Mapping[str, Any]:
        """`CallParticipants`: this client under `local`, the others by id."""
        self._check_released()
        return self._people.call_participants()

    def participant_counts(self) -> Mapping[str, Any]:
        """`{hidden, present}`, as told last."""
        return self._shown("participant_counts")

    def active_speaker(self) -> Mapping[str, Any]:
        """The `Participant` who spoke last, as told last; None before anybody has."""
        return self._shown("active_speaker")

    def update_remote_participants(
        self, remote_participants: Mapping[str, Any], completion: Completion | None = None
    ) -> None:
        """By id: `inputsEnabled` mutes participants, `permissions` changes theirs. Needs the rights of an owner."""
        updates = plain(remote_participants)
        self._start("updateRemoteParticipants", lambda: _remote.update(self._call, updates), completion)

    def eject_remote_participants(self, ids: list[str], completion: Completion | None = None) -> None:
        """Throw participants out; calls are hung up. Needs the rights of an owner."""
        people = plain(ids)
        self._start("ejectRemoteParticipants", lambda: _remote.eject(self._call, people), completion)

    def update_permissions(self, permissions: Mapping[str, Any], completion: Completion | None = None) -> None:
        """Change this client's own permissions. Needs the rights of an owner."""
        update = plain(permissions)
        self._start("updatePermissions", lambda: _remote.permit(self._call, update), completion)

    def send_app_message(
        self, message: Any, participant_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Send JSON of at most 4 KB to everybody else, or to one. Raises ValueError for None and for a wrong id.

        The published stub of daily-python has a parameter `serialize_none`; the module itself does not.
        """
        copied, recipient = plain(message), optional_text(participant_id)
        self._check_released()
        if copied is None:
            raise ValueError("invalid app message 'None'")
        if recipient is not None and unparsable(recipient) is not None:
            raise ValueError(f"invalid participant ID '{recipient}'")
        self._start("sendAppMessage", lambda: _remote.send_message(self._call, copied, recipient), completion)

    def send_prebuilt_chat_message(
        self, message: str, user_name: str | None = None, completion: Completion | None = None
    ) -> None:
        """Send what Daily Prebuilt shows as chat."""
        said, name = text(message), optional_text(user_name)
        self._start("sendPrebuiltChatMessage", lambda: _remote.send_chat(self._call, said, name), completion)
