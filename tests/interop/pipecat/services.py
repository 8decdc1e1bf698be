"""Replacements for speech and language services, as Pipecat services: every party speaks with a tone of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np
from pipecat.adapters.llm.base_llm_adapter import BaseLLMAdapter
from pipecat.frames.frames import (
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import FunctionCallFromLLM, LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService

from simulator.audio.tones import tone

WINDOW_S = 0.1
"""Length of an analysis window; a tone in two successive windows is a word."""
NEAR_HZ = 12.0
WORD_S = 0.2
"""Length of a spoken word; a sentence contains 0.3 s without interruption even on a busy machine."""
LOUD = 300
"""Root mean square above which samples are not silence."""


class ToneSpeechToText(STTService):
    """Recognizes a word when a tone begins: `ToneSpeechToText({440: "hello"})`."""

    def __init__(self, words: Mapping[float, str]) -> None:
        super().__init__(ttfs_p99_latency=0.1, settings=STTSettings(model=None, language=None))
        self._words = words
        self._speakers: dict[str, _Speaker] = {}

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """Yield a transcription for every tone that has begun."""
        speaker = self._speakers.setdefault(self._user_id, _Speaker())
        for word in speaker.listen(audio, self.sample_rate, self._words):
            now = datetime.now(UTC).isoformat()
            yield TranscriptionFrame(word, self._user_id, now, finalized=True)


@dataclass
class _Speaker:
    """The state of the recognition for one participant."""

    buffer: bytes = b""
    last: str | None = None
    """The word of the previous window."""
    recognized: str | None = None
    """The recognized word whose tone continues."""

    def listen(self, audio: bytes, rate: int, words: Mapping[float, str]) -> list[str]:
        """Add audio; return the words that begin in it."""
        self.buffer += audio
        size = round(rate * WINDOW_S) * 2
        begun = []
        while len(self.buffer) >= size:
            window, self.buffer = self.buffer[:size], self.buffer[size:]
            word = _word(np.frombuffer(window, np.int16), rate, words)
            if word == self.last and word != self.recognized:
                self.recognized = word
                if word is not None:
                    begun.append(word)
            self.last = word
        return begun


def _word(samples: np.ndarray[Any, np.dtype[np.int16]], rate: int, words: Mapping[float, str]) -> str | None:
    if np.sqrt(np.mean(samples.astype(float) ** 2)) < LOUD:
        return None
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    hz = float(np.argmax(spectrum)) * rate / len(samples)
    return next((word for known, word in words.items() if abs(known - hz) < NEAR_HZ), None)


SET_BY_SERVICE = {"model", "extra", "use_provider_thinking_default"}
"""Settings of a language model that must not be None."""


@dataclass(frozen=True)
class Call:
    """A function call by the model."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Script(BaseLLMAdapter[Any]):
    """An adapter without conversion; Pipecat's default adapter would load OpenAI's client."""

    @property
    def id_for_llm_specific_messages(self) -> str:
        """Return a name; there are no LLM-specific messages."""
        return "script"

    async def get_llm_invocation_params(self, context: LLMContext, **_: Any) -> Any:
        """Return the messages."""
        return context.get_messages()

    def to_provider_tools_format(self, tools_schema: Any) -> list[Any]:
        """Return no tools: the script does not need their description."""
        return []

    def get_messages_for_logging(self, context: LLMContext) -> list[dict[str, Any]]:
        """Return the messages unchanged."""
        messages: list[dict[str, Any]] = context.get_messages()
        return messages


class ScriptedLanguageModel(LLMService[Any]):
    """Answers the newest message from a script, with a text or a function call; first it says `greeting`.

    A message that is not in the script is repeated.
    """

    adapter_class = Script

    def __init__(self, greeting: str, replies: Mapping[str, str | Call] | None = None) -> None:
        given = {one.name: None for one in fields(LLMSettings) if one.name not in SET_BY_SERVICE}
        super().__init__(settings=LLMSettings(model="scripted", **given))
        self._greeting = greeting
        self._replies = replies or {}

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Respond to a context frame; pass on other frames."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        reply = self._reply(frame.context)
        await self.push_frame(LLMFullResponseStartFrame())
        if isinstance(reply, str):
            await self.push_frame(LLMTextFrame(reply))
        await self.push_frame(LLMFullResponseEndFrame())
        if isinstance(reply, Call):
            await self.run_function_calls(
                [FunctionCallFromLLM(reply.name, uuid4().hex, reply.arguments, frame.context)]
            )

    def _reply(self, context: LLMContext) -> str | Call:
        messages = [message for message in context.get_messages() if message["role"] != "assistant"]
        if not messages:
            return self._greeting
        newest = str(messages[-1]["content"])
        return self._replies.get(newest, newest)


class ToneTextToSpeech(TTSService):
    """Speaks every text as a tone of `hz`, for `word_s` per word."""

    def __init__(self, hz: float, *, word_s: float = WORD_S) -> None:
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            stop_frame_timeout_s=0.2,
            settings=TTSSettings(model=None, voice=None, language=None),
        )
        self._hz = hz
        self._word_s = word_s

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Yield the tone."""
        audio = tone(self._hz, self._word_s * len(text.split()), rate=self.sample_rate)
        pcm = (audio * 32767).astype(np.int16).tobytes()
        yield TTSAudioRawFrame(pcm, self.sample_rate, 1, context_id=context_id)
