"""The WebRTC media of one signalling connection: made when it is asked for, and let go of with the participant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Literal

from fake_daily_server.media.permissions import hears, hears_track, may_hear, sees, sees_screen
from fake_daily_server.values.errors import InvalidRequest

if TYPE_CHECKING:
    from av import VideoFrame

    from fake_daily_server.domain.room import Room
    from fake_daily_server.media.webrtc_connection import WebRtcConnection
    from fake_daily_server.media.webrtc_leg import WebRtcLeg, WebRtcMixLeg
    from fake_daily_server.media.webrtc_slots import Kind, Slots, Source
    from fake_daily_server.values.participants import Participant

Receive = Literal["off", "mix", "participants"]

SCREEN = "screenVideo"
"""daily-js's name of the track with a shared screen."""


async def load() -> None:
    """Import all of it without holding up the loop: aiortc and PyAV take about 250 ms."""
    await asyncio.to_thread(_import)


def _import() -> None:
    from fake_daily_server.media import (  # noqa: PLC0415  # that is the point
        conference,  # noqa: F401
        webrtc_connection,  # noqa: F401
        webrtc_leg,  # noqa: F401
    )


class ClientWebRtc:
    """Used on the connection's loop. `send` gets what goes into a `media` frame."""

    def __init__(self, send: Callable[[Mapping[str, Any]], None]) -> None:
        self._send = send
        self._stay: _Stay | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> bool:
        """Whether there is a connection."""
        return self._stay is not None

    def set(
        self,
        room: Room,
        session_id: str,
        *,
        receive: Receive,
        receive_video: bool,
        audio: bool,
        video: bool,
        screen_video: bool,
        tracks: Mapping[str, str],
    ) -> None:
        """What the client wants to get, and sends; nothing at all means no connection. `load()` first.

        `tracks` are its custom audio tracks: ids by name.
        """
        if self._stay is not None and not self._stay.can_become(receive):
            self.stop()
        if receive == "off" and not (receive_video or audio or video or screen_video or tracks):
            self.stop()
            return
        if self._stay is None:
            self._stay = _Stay(room, session_id, self._send, mixed=receive == "mix", failed=self.stop)
        upstream: dict[str, Kind] = {"audio": "audio"}
        if video:
            upstream["video"] = "video"
        if screen_video:
            upstream[SCREEN] = "video"
        upstream |= dict.fromkeys(tracks, "audio")
        self._stay.set(receive, receive_video=receive_video, listens=audio, upstream=upstream)
        self._stay.set_tracks(tracks)

    async def answer(self, number: int, sdp: str) -> None:
        """Raises InvalidRequest with what is wrong."""
        await _checked(self._live("answerMedia").answer(number, sdp))

    async def add_candidate(self, candidate: str, mid: str | None, index: int | None) -> None:
        """Raises InvalidRequest with what is wrong."""
        await _checked(self._live("addMediaCandidate").add_candidate(candidate, mid, index))

    def room_changed(self) -> None:
        """Somebody came, went, or may be heard or seen by others than before."""
        if self._stay is not None:
            self._stay.arrange()

    def stop(self) -> None:
        """Let go of the connection; nothing when there is none."""
        stay, self._stay = self._stay, None
        if stay is not None:
            task = asyncio.create_task(stay.close(), name="closing WebRTC media")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def closed(self) -> None:
        """Wait until all that was stopped is gone."""
        self.stop()
        if self._closing:
            await asyncio.wait(self._closing)

    def _live(self, method: str) -> WebRtcConnection:
        if self._stay is None:
            raise InvalidRequest(f"{method}: there is no WebRTC connection; ask for one with setMedia")
        return self._stay.connection


async def _checked(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except ValueError as wrong:
        raise InvalidRequest(str(wrong)) from None


def _shown_as(session_id: str, name: str) -> str:
    """What the room's video knows a camera, or another picture of a participant, by."""
    return session_id if name == "video" else f"{session_id}/{name}"


class _Stay:
    """One connection, from setMedia to the end, and its place in the room."""

    def __init__(
        self,
        room: Room,
        session_id: str,
        send: Callable[[Mapping[str, Any]], None],
        *,
        mixed: bool,
        failed: Callable[[], None],
    ) -> None:
        from fake_daily_server.media.webrtc_connection import WebRtcConnection  # noqa: PLC0415  # loads aiortc

        self._room = room
        self._me = session_id
        self._mixed = mixed
        self._receive: Receive = "off"
        self._receive_video = False
        self._listens = False
        self._failed = failed
        self._leg: WebRtcLeg | WebRtcMixLeg | None = None
        self._voices: WebRtcLeg | None = None
        """The same, where it has a track for each voice."""
        self._voiced: set[str] = set()
        """Who has a section for its voice, and keeps it while it is muted: its track is the same one afterwards."""
        self._watching: dict[str, Callable[[VideoFrame], None]] = {}
        self._upstream: Mapping[str, Kind] = {}
        self._tracks: dict[str, str] = {}
        """Its custom tracks that are heard: ids by name."""
        self.connection = WebRtcConnection(
            send=send,
            connected=self._attach,
            arranged=self._arranged,
            failed=self._lost,
            picture=lambda name, picture: room.media.video.show(_shown_as(session_id, name), picture),
        )

    def can_become(self, receive: Receive) -> bool:
        """Whether this connection can serve another wish: a mix stays a mix."""
        return (receive == "mix") == self._mixed

    def set(self, receive: Receive, *, receive_video: bool, listens: bool, upstream: Mapping[str, Kind]) -> None:
        """What the client wants to get, and sends; `listens` says whether its microphone is heard."""
        self._receive, self._receive_video, self._listens = receive, receive_video, listens
        self._upstream = upstream
        if self._leg is not None:
            self._leg.listens = listens
        self.arrange()

    def set_tracks(self, tracks: Mapping[str, str]) -> None:
        """Its custom audio tracks from now on: ids by name."""
        from fake_daily_server.media.webrtc_leg import WebRtcTrackLeg  # noqa: PLC0415  # loads PyAV

        for name in self._tracks.keys() - tracks.keys():
            self._room.media.detach_track(self._tracks.pop(name))
            del self.connection.hear[name]
        for name in tracks.keys() - self._tracks.keys():
            leg = WebRtcTrackLeg()
            self.connection.hear[name] = leg.playout.put
            self._room.media.attach_track(tracks[name], leg, owner=self._me, name=name)
            self._tracks[name] = tracks[name]

    def arrange(self) -> None:
        """Offer what the client shall get now."""
        self.connection.arrange(self._sources(), self._upstream)

    async def close(self) -> None:
        """Leave the room's sound and video, and end the connection."""
        for sender, watcher in self._watching.items():
            self._room.media.video.unwatch(sender, watcher)
        self._watching.clear()
        if self._leg is not None and self._room.media.legs.get(self._me) is self._leg:
            self._room.media.mute(self._me)
        self.set_tracks({})
        await self.connection.close()

    def _sources(self) -> list[Source]:
        from fake_daily_server.media.webrtc_slots import Source  # noqa: PLC0415  # loads aiortc

        everybody = self._room.participants
        me = everybody.get(self._me)
        if me is None:
            return []
        sources = [Source(None, "audio")] if self._mixed else []
        if self._receive == "participants":
            self._voiced = {id_ for id_, who in everybody.items() if self._has_a_voice(me, who)}
            sources += [Source(id_, "audio") for id_ in everybody if id_ in self._voiced]
            sources += [
                Source(id_, "audio", name, key)
                for id_, who in everybody.items()
                for name, key in who.custom_audio.items()
                if hears_track(me, who, name)
            ]
        if self._receive_video:
            sources += [Source(id_, "video") for id_, who in everybody.items() if sees(me, who)]
            screens = [id_ for id_, who in everybody.items() if sees_screen(me, who)]
            sources += [Source(id_, "video", SCREEN, _shown_as(id_, SCREEN)) for id_ in screens]
        return sources

    def _has_a_voice(self, me: Participant, who: Participant) -> bool:
        sounds = who.audio and hears(me, who)
        return sounds or (who.session_id in self._voiced and may_hear(me, who))

    def _attach(self) -> None:
        from fake_daily_server.media.webrtc_leg import WebRtcLeg, WebRtcMixLeg  # noqa: PLC0415  # loads PyAV

        media = self._room.media
        if self._me not in self._room.participants:
            return
        leg: WebRtcLeg | WebRtcMixLeg
        if self._mixed:
            leg = WebRtcMixLeg(self.connection.slots.sounds()[None])
        else:
            leg = self._voices = WebRtcLeg(media.voices)
        self._leg = leg
        leg.listens = self._listens
        self.connection.hear["audio"] = leg.playout.put
        self._arranged(self.connection.slots)
        media.attach(self._me, leg)

    def _arranged(self, slots: Slots) -> None:
        if self._voices is not None:
            self._voices.tracks = {id_: track for id_, track in slots.sounds().items() if id_ is not None}
        video = self._room.media.video
        for sender, watcher in self._watching.items():
            video.unwatch(sender, watcher)
        self._watching = {sender: track.show for sender, track in slots.pictures().items()}
        for sender, watcher in self._watching.items():
            video.watch(sender, watcher)

    def _lost(self, because: str) -> None:
        self._room.media.tell_failure(self._me, f"WebRTC: {because}")
        self._failed()
