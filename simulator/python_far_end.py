"""The far end of a call that a class of the user's plays: it is told what was heard; its replies are carried out."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.errors import CallEnded, CallError, ConfigurationError, SimulatorError
from simulator.far_end import FarEnd
from simulator.personas.persona import BoundPersona
from simulator.personas.positions import Position
from simulator.personas.python_persona import Conversation, Heard, steps_of

if TYPE_CHECKING:
    from simulator.audio.audio_line import AudioLine
    from simulator.audio.listening import Listening
    from simulator.phone_call import PhoneCall

_ANSWERED_WITHIN = 3600.0


class PythonFarEnd(FarEnd):
    """A far end with an object of the user's class."""

    def __init__(
        self,
        call: PhoneCall,
        persona: BoundPersona,
        record: Callable[..., None],
        make: Callable[[], Conversation],
    ) -> None:
        super().__init__(call, persona, record)
        self._make = make
        self._position = "not asked yet"

    @property
    def place(self) -> str:
        """What it has heard last, and what it does: `'anna' (persona my_bot:Anna) has heard speech for 1.2 s`."""
        return f"{self._call.phone!r} (persona {self.persona}) {self._position}"

    async def _follow(self, delay_ms: int) -> None:
        try:
            await asyncio.sleep(delay_ms / 1000)
            await self._converse(self._make())
        except CallError:
            pass  # the call has ended
        except SimulatorError as failure:
            await self._give_up(str(failure))
        except Exception as failure:  # noqa: BLE001 - the user's class may raise anything; its call ends, and says why
            where = traceback.extract_tb(failure.__traceback__)[-1]
            await self._give_up(f"{type(failure).__name__}: {failure}, at {where.filename}:{where.lineno}")

    async def _converse(self, conversation: Conversation) -> None:
        from simulator.audio.listening import Listening  # noqa: PLC0415  # loads numpy

        call = self._call
        if call.incoming:
            await self._tell(conversation, Heard("called", text=call.remote))
            if call.state in ("incoming", "ringing", "early") and not call.replaces_another:
                await call.answer()
        await call.wait_answered(within=_ANSWERED_WITHIN)
        heard: asyncio.Queue[Heard | None] = asyncio.Queue()
        line = await call.audio_line()
        listening = Listening(line)
        hearing = asyncio.create_task(self._hear(listening, line, heard))
        digits = asyncio.create_task(self._hear_digits(heard))
        try:
            await self._tell(conversation, Heard("answered"))
            while True:
                listening.begin_silence()
                if (next_heard := await heard.get()) is None:
                    return
                await self._tell(conversation, next_heard)
        finally:
            hearing.cancel()
            digits.cancel()
            await asyncio.gather(hearing, digits, return_exceptions=True)

    async def _tell(self, conversation: Conversation, heard: Heard) -> None:
        """Tell the class what was heard, and carry out its reply."""
        self._position = f"has heard {heard}"
        self._reach(Position(f"hears {heard}"))
        if inspect.iscoroutinefunction(conversation.heard):
            reply = await conversation.heard(heard)
        else:
            reply = await asyncio.to_thread(conversation.heard, heard)
        for step in steps_of(reply):
            self._position = f"has heard {heard}, at {step}"
            await self._perform(step)

    async def _hear(self, listening: Listening, line: AudioLine, heard: asyncio.Queue[Heard | None]) -> None:
        while (found := await listening.next()) is not None:
            has_words = found.kind == "speech" and line.speech is not None and line.speech.transcribes
            words = ""
            if has_words and line.speech is not None and found.sound is not None:
                words = await line.speech.transcribe(found.sound, line.rate)
            heard.put_nowait(Heard(found.kind, text=words, seconds=found.seconds, hz=found.hz))
        heard.put_nowait(None)

    async def _hear_digits(self, heard: asyncio.Queue[Heard | None]) -> None:
        while (digit := await self._next_digit(_ANSWERED_WITHIN)) is not None:
            heard.put_nowait(Heard("digit", text=digit))

    async def _give_up(self, why: str) -> None:
        self._position = f"has failed: {why}"
        self._record("fails", persona=self.persona, error=why)
        try:
            await self._call.hang_up()
        except (CallEnded, ConfigurationError):
            return


def far_end_of(call: PhoneCall, persona: BoundPersona, record: Callable[..., None]) -> FarEnd:
    """The far end of one call: one that follows the steps of a persona, or one with an object of the user's class."""
    make = persona.conversation
    return FarEnd(call, persona, record) if make is None else PythonFarEnd(call, persona, record, make)
