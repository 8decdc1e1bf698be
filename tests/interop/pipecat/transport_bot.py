"""A DailyTransport in a pipeline of its own, for tests that look at its events, its frames and its verbs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pipecat.frames.frames import AudioRawFrame, Frame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.daily.transport import DailyParams, DailyTransport
from pipecat.workers.runner import WorkerRunner

from fake_daily_server.handles.room_handle import RoomHandle
from simulator.errors import ExpectationFailed
from simulator.waiting import Changes
from tests.interop.pipecat.services import ToneSpeechToText

F = TypeVar("F", bound=Frame)

EVENTS = (
    "on_active_speaker_changed",
    "on_app_message",
    "on_before_leave",
    "on_call_state_updated",
    "on_client_connected",
    "on_client_disconnected",
    "on_dialin_connected",
    "on_dialin_error",
    "on_dialin_ready",
    "on_dialin_stopped",
    "on_dialin_warning",
    "on_dialout_answered",
    "on_dialout_connected",
    "on_dialout_error",
    "on_dialout_stopped",
    "on_dialout_warning",
    "on_dtmf_event",
    "on_error",
    "on_first_participant_joined",
    "on_joined",
    "on_left",
    "on_network_connection_status_updated",
    "on_participant_joined",
    "on_participant_left",
)


class Happening(NamedTuple):
    """A call of an event handler."""

    event: str
    args: tuple[Any, ...]


class Ear(FrameProcessor):
    """Notes every frame that comes in, sound excepted."""

    def __init__(self, heard: Callable[[Frame], None]) -> None:
        super().__init__()
        self._heard = heard

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Note it and pass it on."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, AudioRawFrame):
            self._heard(frame)
        await self.push_frame(frame, direction)


class TransportBot:
    """`async with TransportBot(room) as bot:` has joined; at the end it is cancelled, and must then have left.

    With `words` it hears tones as transcriptions; `processors` come after that.
    """

    def __init__(
        self,
        room: RoomHandle,
        *,
        token: str | None = None,
        params: Mapping[str, Any] | None = None,
        words: Mapping[float, str] | None = None,
        processors: Sequence[FrameProcessor] = (),
        rate: int = 16000,
        joins: bool = True,
    ) -> None:
        given = {"audio_in_enabled": True, "audio_out_enabled": True, **(params or {})}
        self.transport = DailyTransport(room.url, token or room.owner_token, "bot", DailyParams(**given))
        self.happened: list[Happening] = []
        """Every event so far."""
        self.frames: list[Frame] = []
        """Every frame from the transport so far, sound excepted."""
        self._joins = joins
        self._changes = Changes()
        self._given_out: set[int] = set()
        for event in EVENTS:
            self.transport.add_event_handler(event, self._noting(event))
        ear = Ear(self._hear)
        hearing = [ToneSpeechToText(words)] if words else []
        pipeline = Pipeline([self.transport.input(), *hearing, ear, *processors, self.transport.output()])
        self.worker = PipelineWorker(
            pipeline, params=PipelineParams(audio_in_sample_rate=rate, audio_out_sample_rate=rate)
        )

    async def __aenter__(self) -> TransportBot:
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(self.worker)
        self._running = asyncio.create_task(runner.run())
        if self._joins:
            try:
                await self.event("on_joined")
            except ExpectationFailed:
                await self._end()
                raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def _end(self) -> None:
        """Cancelled with everything else at the end of the test's loop, a pipeline would never end."""
        await self.worker.cancel()
        late = (await asyncio.wait([self._running], timeout=5))[1]
        assert not late, "the bot did not end"
        self._running.result()

    @property
    def told(self) -> list[str]:
        """The names of the events so far."""
        return [happening.event for happening in self.happened]

    async def event(self, name: str, *, within: float = 5) -> Any:
        """What the handler of the next event of this name was given: one value, or a tuple; each is given out once."""

        def found() -> tuple[Any, ...] | None:
            for at, happening in enumerate(self.happened):
                if happening.event == name and at not in self._given_out:
                    self._given_out.add(at)
                    return happening.args
            return None

        args = await self._changes.until(found, within=within)
        if args is None:
            raise ExpectationFailed(f"{name}  within {within:g} s", happened=list(map(str, self.happened)))
        return args[0] if len(args) == 1 else args

    async def frame(self, kind: type[F], *, within: float = 5, **fields: Any) -> F:
        """The first frame of this kind that has these fields."""

        def found() -> Any:
            for frame in self.frames:
                if isinstance(frame, kind) and all(getattr(frame, name) == value for name, value in fields.items()):
                    return frame
            return None

        frame: F | None = await self._changes.until(found, within=within)
        if frame is None:
            expected = f"{kind.__name__} {fields}  within {within:g} s"
            raise ExpectationFailed(expected, happened=list(map(str, self.frames))[-12:])
        return frame

    def _hear(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._changes.notify()

    def _noting(self, event: str) -> Callable[..., Any]:
        async def note(_: DailyTransport, *args: Any) -> None:
            self.happened.append(Happening(event, args))
            self._changes.notify()

        return note
