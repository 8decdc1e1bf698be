"""The media of one signalling connection: audio and video frames in binary messages, or WebRTC."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fake_daily_server.domain.room import Room
from fake_daily_server.media.lazy_imports import load_mixer, load_video, load_webrtc
from fake_daily_server.media.video_message import is_video
from fake_daily_server.signalling import messages as m
from fake_daily_server.signalling.client_audio_frames import ClientAudioFrames
from fake_daily_server.signalling.client_video_frames import ClientVideoFrames
from fake_daily_server.signalling.client_webrtc import ClientWebRtc
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.ids import new_uuid
from fake_daily_server.values.participants import Participant

MediaRequest = (
    m.SetAudioRequest | m.SetVideoRequest | m.SetMediaRequest | m.AnswerMediaRequest | m.AddMediaCandidateRequest
)


class ClientMedia:
    """The media of one client. Used on the connection's loop.

    `on_message` is called whenever there are binary messages to send, `send` with the content of each `media` frame.
    """

    def __init__(self, on_message: Callable[[], None], send: Callable[[Mapping[str, Any]], None]) -> None:
        self._audio = ClientAudioFrames(on_message)
        self._video = ClientVideoFrames(on_message)
        self._webrtc = ClientWebRtc(send)
        self._joined: tuple[Room, str] | None = None
        """The room and the client's session id; None while the client is in no room."""

    def join(self, room: Room, session_id: str) -> None:
        """Set the participant that the connection belongs to from now on; its media are off."""
        self._joined = room, session_id

    def leave(self) -> None:
        """Close all media of the participant, which has left the room."""
        self._joined = None
        self._audio.stop()
        self._video.stop()
        self._webrtc.stop()

    def detach(self) -> None:
        """Close all media of the participant, which stays in the room without this connection."""
        if self._joined is not None:
            room, session_id = self._joined
            self._audio.detach(room.media, session_id)
        self.leave()

    def update(self) -> None:
        """Adapt what the client receives to the current participants and permissions."""
        self._webrtc.update()
        self._video.update()

    async def close(self) -> None:
        """Close the client's WebRTC connection; returns once it and all earlier ones are closed."""
        await self._webrtc.close()

    # --- binary messages -------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Handle a binary message of the client.

        Raises BadJson if the client has not turned this medium on, InvalidRequest if the message is malformed.
        """
        (self._video if is_video(data) else self._audio).receive(data)

    def messages(self) -> Iterator[bytes]:
        """Remove and yield the binary messages for the client, audio first."""
        while (data := self._audio.take() or self._video.take()) is not None:
            yield data

    # --- requests --------------------------------------------------------------------------------------------

    async def answer(self, request: MediaRequest) -> dict[str, Any]:
        """Carry out a media request and return its result. Raises InvalidRequest."""
        match request:
            case m.SetAudioRequest(params=wanted):
                return await self._set_audio(wanted)
            case m.SetVideoRequest(params=wanted):
                await self._set_video(wanted)
            case m.SetMediaRequest(params=wanted):
                await self._set_webrtc(wanted)
            case m.AnswerMediaRequest(params=answer):
                await self._webrtc.answer(answer.number, answer.sdp)
            case m.AddMediaCandidateRequest(params=found):
                await self._webrtc.add_candidate(found.candidate, found.sdp_mid, found.sdp_m_line_index)
        return {}

    async def _set_audio(self, wanted: m.SetAudio) -> dict[str, Any]:
        await load_mixer()
        if (joined := self._participant()) is None:
            return {}
        room, me = joined
        if self._webrtc.is_open:
            raise InvalidRequest("setAudio: this client's audio uses WebRTC; turn that off first with setMedia")
        tracks = _track_ids(me, wanted.tracks)
        self._audio.set(
            room.media,
            me.session_id,
            receive=wanted.receive,
            participants=wanted.participants,
            send=wanted.send,
            tracks=tracks,
        )
        _change(room, replace(me.with_own_tracks(audio=wanted.send, video=me.video), custom_audio=tracks))
        return {"tracks": tracks} if tracks else {}

    async def _set_video(self, wanted: m.SetVideo) -> None:
        await load_video()
        if (joined := self._participant()) is None:
            return
        room, me = joined
        if self._webrtc.is_open:
            raise InvalidRequest("setVideo: this client's video uses WebRTC; turn that off first with setMedia")
        self._video.set(room, me.session_id, receive=wanted.receive, participants=wanted.participants, send=wanted.send)
        _change(room, me.with_own_tracks(audio=me.audio, video=wanted.send))

    async def _set_webrtc(self, wanted: m.SetMedia) -> None:
        await load_webrtc()
        if (joined := self._participant()) is None:
            return
        room, me = joined
        self._audio.detach(room.media, me.session_id)
        self._video.stop()
        tracks = _track_ids(me, wanted.tracks)
        self._webrtc.set(
            room,
            me.session_id,
            receive=wanted.receive,
            receive_video=wanted.receive_video,
            audio=wanted.audio,
            video=wanted.video,
            screen_video=wanted.screen_video,
            tracks=tracks,
        )
        changed = me.with_own_tracks(audio=wanted.audio, video=wanted.video)
        _change(room, replace(changed, custom_audio=tracks, screen=wanted.screen_video))

    def _participant(self) -> tuple[Room, Participant] | None:
        """The client's room and participant; None if the client has left while modules were loaded."""
        if self._joined is None:
            return None
        room, session_id = self._joined
        return room, room.participants[session_id]


def _track_ids(me: Participant, names: tuple[str, ...]) -> dict[str, str]:
    """The ids of the named audio tracks, by name: the existing id of a track, or a new one."""
    return {name: me.custom_audio.get(name) or new_uuid() for name in names}


def _change(room: Room, me: Participant) -> None:
    if me != room.participants[me.session_id]:
        room.replace_participant(me)
