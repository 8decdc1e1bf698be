"""Debian's baresip as a SIP peer, controlled over its TCP control socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from tests.interop.program import Program, Programs, free_ports, poll

TONE_HZ = 440
"""The tone that baresip always sends."""
Codec = Literal["PCMU/8000/1", "G722/16000/1", "opus/48000/2"]

_MODULES = {"linux": "/usr/lib/baresip/modules", "darwin": "/opt/homebrew/lib/baresip/modules"}
_CONFIG = """\
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
rtp_ports {rtp_port}-{last_rtp_port}
audio_source ausine,{tone}
audio_player aubridge,nobody
ausrc_srate 48000
ausrc_channels 2
auplay_srate 48000
auplay_channels 2
module_path {modules}
module g711.so
module g722.so
module opus.so
opus_stereo yes
opus_sprop_stereo yes
module ausine.so
module aubridge.so
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
module_app account.so
module_app menu.so
"""
_ACCOUNT = "<sip:{account};transport={transport}>;{registers};answermode={answer};audio_codecs={codec};ptime={ptime}\n"


class Baresip:
    """A running baresip with one account, which answers calls at once."""

    def __init__(self, program: Program, port: int, writer: asyncio.StreamWriter) -> None:
        self.program = program
        self.port = port
        self.events: list[dict[str, Any]] = []
        """The events of baresip, oldest first: `type`, `param`, and for calls the Call-ID as `id`."""
        self._writer = writer
        self._responses: list[dict[str, Any]] = []

    @property
    def digits(self) -> str:
        """Digits received as telephone-events."""
        return "".join(event["param"] for event in self.events if event["type"] == "CALL_DTMF_START")

    async def dial(self, uri: str) -> None:
        """Call a SIP URI."""
        await self._command("dial", uri)

    async def send_digits(self, digits: str) -> None:
        """Send digits as telephone-events of 180 ms each."""
        await self._command("sndcode", digits)

    async def hold(self) -> None:
        """Put the call on hold."""
        await self._command("hold")

    async def resume(self) -> None:
        """Resume the call."""
        await self._command("resume")

    async def hang_up(self) -> None:
        """End the call."""
        await self._command("hangup")

    async def wait_for_event(self, kind: str, *, within: float = 5) -> dict[str, Any]:
        """Wait for the first event of this type, such as CALL_ESTABLISHED or CALL_CLOSED."""

        def look() -> dict[str, Any] | None:
            return next((event for event in self.events if event["type"] == kind), None)

        return await poll(look, f"baresip event {kind} (its events: {[e['type'] for e in self.events]})", within=within)

    async def wait_for_digits(self, digits: str, *, within: float = 5) -> None:
        """Wait until exactly these digits have been received."""
        with contextlib.suppress(AssertionError):  # the comparison below has a better message
            await poll(lambda: len(self.digits) >= len(digits) or None, "digits", within=within)
        assert self.digits == digits

    async def _command(self, command: str, params: str = "") -> None:
        received = len(self._responses)
        text = json.dumps({"command": command, "params": params}).encode()
        self._writer.write(b"%d:%s," % (len(text), text))
        response = await poll(
            lambda: self._responses[received] if len(self._responses) > received else None,
            f"baresip responds to {command}",
            within=5,
        )
        assert response["ok"], f"baresip refused {command} {params}: {response}"

    async def read_messages(self, reader: asyncio.StreamReader) -> None:
        """Read events and responses (JSON in netstrings) until baresip exits."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                message = json.loads((await reader.readexactly(length + 1))[:-1])
                (self.events if message.get("event") else self._responses).append(message)


@asynccontextmanager
async def running(
    programs: Programs,
    *,
    transport: Literal["udp", "tcp", "tls"] = "udp",
    codec: Codec = "PCMU/8000/1",
    ptime: Literal[20, 40] = 20,
    answer: bool = True,
    client: tuple[str, str] | None = None,
) -> AsyncIterator[Baresip]:
    """Start a baresip that is ready to make and receive calls; it makes calls over `transport`.

    Opus is stereo in both directions; `ptime` is the duration of an RTP packet in ms. Without `answer`, incoming calls
    ring. With `client`, the address and the password of a SIP client, it registers as this.
    """
    port, rtp_port, control_port = free_ports(2), free_ports(20), free_ports()
    config = _CONFIG.format(
        port=port,
        rtp_port=rtp_port,
        last_rtp_port=rtp_port + 19,
        control_port=control_port,
        tone=TONE_HZ,
        modules=_module_folder(),
    )
    mode = "auto" if answer else "manual"
    account, registers = f"bare@127.0.0.1:{port}", "regint=0"
    if client is not None:
        account, registers = client[0].removeprefix("sip:"), f"regint=600;auth_pass={client[1]}"
    accounts = _ACCOUNT.format(
        account=account, registers=registers, transport=transport, codec=codec, ptime=ptime, answer=mode
    )
    files = {"config": config, "accounts": accounts}
    program = await programs.start("baresip", "baresip", "-4", "-v", "-f", ".", files=files)
    await program.wait_for_output("baresip is ready")
    reader, writer = await asyncio.open_connection("127.0.0.1", control_port)
    baresip = Baresip(program, port, writer)
    listening = asyncio.create_task(baresip.read_messages(reader), name="events of baresip")
    try:
        yield baresip
    finally:
        await program.stop()
        writer.close()
        await listening


def _module_folder() -> Path:
    return Path(os.environ.get("BARESIP_MODULES") or _MODULES.get(sys.platform, _MODULES["linux"]))
