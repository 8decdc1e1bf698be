"""A bot for callers: it greets them, returns their digits, and ends the call on request. Can be run as a program."""

from __future__ import annotations

from typing import Any

from pipecat.frames.frames import EndWorkerFrame, LLMRunFrame
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection
from pipecat.runner.types import DailyDialinRequest, DailyRunnerArguments
from pipecat.services.llm_service import FunctionCallParams
from pipecat.transports.daily.transport import DailyDialinSettings, DailyParams, DailyTransport
from pipecat.workers.runner import WorkerRunner

from tests.interop.pipecat.bots.conversation import conversation
from tests.interop.pipecat.services import Call, ScriptedLanguageModel

GOODBYE_HZ = 520.0


async def run_bot(transport: DailyTransport, *, handle_sigint: bool) -> None:
    """Talk with one caller."""
    llm = ScriptedLanguageModel("Good day to you.", {"goodbye": Call("terminate_call")})

    async def terminate_call(params: FunctionCallParams) -> None:
        await params.llm.queue_frame(EndWorkerFrame(), FrameDirection.UPSTREAM)

    llm.register_function("terminate_call", terminate_call)
    worker = PipelineWorker(
        conversation(transport, llm, {440: "hello", GOODBYE_HZ: "goodbye"}),
        params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000),
    )

    @transport.event_handler("on_first_participant_joined")
    async def on_first_participant_joined(transport: DailyTransport, participant: Any) -> None:
        await worker.queue_frames([LLMRunFrame()])

    @transport.event_handler("on_dtmf_event")
    async def on_dtmf_event(transport: DailyTransport, data: Any) -> None:
        await transport.send_dtmf({"tones": data["tone"], "method": "telephone-event"})

    @transport.event_handler("on_participant_left")
    async def on_participant_left(transport: DailyTransport, participant: Any, reason: str) -> None:
        await worker.cancel(reason="the caller has left")

    runner = WorkerRunner(handle_sigint=handle_sigint)
    await runner.add_workers(worker)
    await runner.run()


async def bot(runner_args: DailyRunnerArguments) -> None:
    """Run the bot for a held caller, or without dial-in settings for a caller of the room's SIP endpoint."""
    params = DailyParams(audio_in_enabled=True, audio_out_enabled=True, audio_out_end_silence_secs=0)
    if runner_args.body:
        request = DailyDialinRequest.model_validate(runner_args.body)
        settings = request.dialin_settings
        params.api_key, params.api_url = request.daily_api_key, request.daily_api_url
        params.dialin_settings = DailyDialinSettings(call_id=settings.call_id, call_domain=settings.call_domain)
    transport = DailyTransport(runner_args.room_url, runner_args.token, "Dial-in bot", params=params)
    await run_bot(transport, handle_sigint=runner_args.handle_sigint)


if __name__ == "__main__":
    from pipecat.runner.run import main

    main()
