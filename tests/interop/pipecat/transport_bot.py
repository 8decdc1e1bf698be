"""TransportBot: a DailyTransport in a pipeline, for tests of its events, frames and verbs."""

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


class HandlerCall(NamedTuple):
    """A call of an event handler."""

    event: str
    args: tuple[Any, ...]


class FrameRecorder(FrameProcessor):
    """Records every frame except audio."""

    def __init__(self, record: Callable[[Frame], None]) -> None:
        super().__init__()
        self._record = record

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Record a frame and pass it on."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, AudioRawFrame):
            self._record(frame)
        await self.push_frame(frame, direction)


class TransportBot:
    """A bot that joins in `async with TransportBot(room) as bot:`, and is cancelled at the end.

    With `words` it transcribes tones; `processors` follow in the pipeline.
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
        self.handler_calls: list[HandlerCall] = []
        """Every call of an event handler so far."""
        self.frames: list[Frame] = []
        """Every frame of the transport so far, except audio."""
        self._joins = joins
        self._changes = Changes()
        self._returned: set[int] = set()
        for event in EVENTS:
            self.transport.add_event_handler(event, self._recording(event))
        recorder = FrameRecorder(self._record)
        transcribing = [ToneSpeechToText(words)] if words else []
        pipeline = Pipeline([self.transport.input(), *transcribing, recorder, *processors, self.transport.output()])
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
        """Cancel the bot; a pipeline that is cancelled with all tasks at the end of the test's loop never ends."""
        await self.worker.cancel()
        late = (await asyncio.wait([self._running], timeout=5))[1]
        assert not late, "the bot did not end"
        self._running.result()

    @property
    def event_names(self) -> list[str]:
        """The names of the events so far."""
        return [call.event for call in self.handler_calls]

    async def event(self, name: str, *, within: float = 5) -> Any:
        """Wait for the next event of this name; return its argument, or a tuple of several. Each is returned once."""

        def found() -> tuple[Any, ...] | None:
            for at, call in enumerate(self.handler_calls):
                if call.event == name and at not in self._returned:
                    self._returned.add(at)
                    return call.args
            return None

        args = await self._changes.until(found, within=within)
        if args is None:
            raise ExpectationFailed(f"{name}  within {within:g} s", happened=list(map(str, self.handler_calls)))
        return args[0] if len(args) == 1 else args

    async def frame(self, kind: type[F], *, within: float = 5, **fields: Any) -> F:
        """Wait for the first frame of this kind with these fields."""

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

    def _record(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._changes.notify()

    def _recording(self, event: str) -> Callable[..., Any]:
        async def record(_: DailyTransport, *args: Any) -> None:
            self.handler_calls.append(HandlerCall(event, args))
            self._changes.notify()

        return record
