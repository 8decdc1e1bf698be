"""Who sees whose video in a room: decoded pictures from each sender to whoever watches it. Loads no video library."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame

    Watcher = Callable[[VideoFrame], None]


class RoomVideo:
    """Used on the room's loop. Each watcher gets every picture and encodes it for itself."""

    def __init__(self) -> None:
        self._watchers: dict[str, list[Watcher]] = {}
        self._followers: list[Callable[[], None]] = []

    def changed(self) -> None:
        """Somebody came, went, or may be seen by others than before."""
        for follower in tuple(self._followers):
            follower()

    def follow(self, follower: Callable[[], None]) -> None:
        """Be told of that."""
        self._followers.append(follower)

    def unfollow(self, follower: Callable[[], None]) -> None:
        """Be told no more; nothing when it was not."""
        if follower in self._followers:
            self._followers.remove(follower)

    def show(self, session_id: str, picture: VideoFrame) -> None:
        """A participant sends a picture."""
        for watcher in tuple(self._watchers.get(session_id, ())):
            watcher(picture)

    def watched(self, session_id: str) -> bool:
        """Whether anybody looks, so that decoding is worth it."""
        return bool(self._watchers.get(session_id))

    def watch(self, session_id: str, watcher: Watcher) -> None:
        """Get the pictures of a participant from now on."""
        self._watchers.setdefault(session_id, []).append(watcher)

    def unwatch(self, session_id: str, watcher: Watcher) -> None:
        """Get them no more; nothing when it did not."""
        watchers = self._watchers.get(session_id, [])
        if watcher in watchers:
            watchers.remove(watcher)
        if not watchers:
            self._watchers.pop(session_id, None)
