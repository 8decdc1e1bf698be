"""A bot that calls a number, retries failed calls, greets the called party, and leaves when that hangs up."""

from __future__ import annotations

import os
from typing import Any

from pipecat.frames.frames import LLMRunFrame
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.runner.types import DailyRunnerArguments
from pipecat.transports.daily.transport import DailyParams, DailyTransport
from pipecat.workers.runner import WorkerRunner

from tests.interop.pipecat.bots.conversation import conversation
from tests.interop.pipecat.services import ScriptedLanguageModel

MAX_ATTEMPTS = 5


async def run_bot(transport: DailyTransport, dialout: dict[str, str], *, handle_sigint: bool) -> None:
    """Call until the number answers, and talk until the called party leaves."""
    llm = ScriptedLanguageModel("Good day to you.", {"hello": "How are you?"})
    worker = PipelineWorker(
        conversation(transport, llm, {440: "hello"}),
        params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000),
    )
    attempts = 0

    async def dial() -> None:
        nonlocal attempts
        attempts += 1
        await transport.start_dialout({"phoneNumber": dialout["phone_number"], "displayName": "callee"})

    @transport.event_handler("on_joined")
    async def on_joined(transport: DailyTransport, data: Any) -> None:
        await dial()

    @transport.event_handler("on_dialout_answered")
    async def on_dialout_answered(transport: DailyTransport, data: Any) -> None:
        await worker.queue_frames([LLMRunFrame()])

    @transport.event_handler("on_dialout_error")
    async def on_dialout_error(transport: DailyTransport, data: Any) -> None:
        if attempts < MAX_ATTEMPTS:
            await dial()
        else:
            await worker.cancel(reason="nobody answers")

    @transport.event_handler("on_client_disconnected")
    async def on_client_disconnected(transport: DailyTransport, participant: Any) -> None:
        await worker.cancel(reason="the callee has left")

    runner = WorkerRunner(handle_sigint=handle_sigint)
    await runner.add_workers(worker)
    await runner.run()


async def bot(runner_args: DailyRunnerArguments) -> None:
    """Run the bot with the arguments of Pipecat's runner."""
    transport = DailyTransport(
        runner_args.room_url,
        runner_args.token,
        "Dial-out bot",
        params=DailyParams(api_key=os.environ["DAILY_API_KEY"], audio_in_enabled=True, audio_out_enabled=True),
    )
    await run_bot(transport, runner_args.body["dialout_settings"], handle_sigint=runner_args.handle_sigint)


if __name__ == "__main__":
    from pipecat.runner.run import main

    main()
