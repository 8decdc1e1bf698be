"""The pipeline of all bots: it transcribes tones and answers with a tone of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.transports.daily.transport import DailyTransport
from pipecat.turns.user_start import TranscriptionUserTurnStartStrategy
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies

from tests.interop.pipecat.services import ScriptedLanguageModel, ToneSpeechToText, ToneTextToSpeech

BOT_HZ = 660.0
"""The tone of every bot."""


def conversation(
    transport: DailyTransport,
    llm: ScriptedLanguageModel,
    words: Mapping[float, str],
    *before_output: FrameProcessor,
    tools: Any = None,
) -> Pipeline:
    """Create a pipeline of speech to text, language model and text to speech. `words` maps callers' tones to words."""
    options = {} if tools is None else {"tools": tools}
    strategies = UserTurnStrategies(
        start=[TranscriptionUserTurnStartStrategy()], stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.1)]
    )
    user, assistant = LLMContextAggregatorPair(
        LLMContext(**options), user_params=LLMUserAggregatorParams(user_turn_strategies=strategies)
    )
    return Pipeline(
        [
            transport.input(),
            ToneSpeechToText(words),
            user,
            llm,
            ToneTextToSpeech(BOT_HZ),
            *before_output,
            transport.output(),
            assistant,
        ]
    )
