"""SIPp 3.6 as caller or callee, with a stock scenario or one of `sipp_scenarios`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.interop.program import Program, Programs, free_ports, poll

SCENARIOS = Path(__file__).parent / "sipp_scenarios"
STOCK = ("uac", "uas")
MESSAGES, ERRORS, LOG = "messages", "errors", "log"
"""Files in SIPp's folder: all SIP messages, unexpected ones, the log of its scenario."""

BUSY = "486 Busy Here"
"""Placeholder for the status in the refusing scenario's file; SIPp needs a literal status."""

Transport = Literal["udp", "tcp"]
_MODES: dict[Transport, str] = {"udp": "u1", "tcp": "t1"}


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """A SIP message in SIPp's log."""

    sent: bool
    """Whether SIPp sent the message; otherwise SIPp received it."""
    start_line: str
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str | None:
        """The value of the first header field with this name, in any case."""
        return next((value for own, value in self.headers if own.lower() == name.lower()), None)


def parse_log(text: str) -> list[LoggedMessage]:
    """The messages in SIPp's `-trace_msg` file, oldest first."""
    found = []
    for entry in re.split(r"^-{40,}.*$", text, flags=re.MULTILINE):
        match = re.search(r"message (sent|received) .*?:\s*\n\s*\n(.*)", entry, re.DOTALL)
        if match is None:
            continue
        head, _, body = match[2].replace("\r\n", "\n").strip("\n").partition("\n\n")
        start_line, *lines = head.split("\n")
        fields = (line.partition(":") for line in lines)
        headers = tuple((name.strip(), value.strip()) for name, _, value in fields)
        found.append(LoggedMessage(match[1] == "sent", start_line, headers, body))
    return found


class Sipp:
    """A SIPp process with one call."""

    def __init__(self, program: Program, port: int) -> None:
        self.program = program
        self.port = port

    @property
    def messages(self) -> list[LoggedMessage]:
        """All SIP messages so far."""
        return parse_log(self.program.read(MESSAGES))

    def requests(self, method: str) -> list[LoggedMessage]:
        """The requests of this method, sent and received."""
        return [message for message in self.messages if message.start_line.startswith(f"{method} ")]

    @property
    def invite(self) -> LoggedMessage:
        """The INVITE of SIPp's call."""
        return self.requests("INVITE")[0]

    @property
    def call_id(self) -> str:
        """The Call-ID of SIPp's call."""
        return self.invite.header("Call-ID") or ""

    async def wait_for_success(self, *, within: float = 15) -> None:
        """Wait until SIPp exits, and check that the call went as its scenario requires."""
        code = await self.program.wait_for_exit(within=within)
        assert code == 0, f"SIPp ended with {code}: {self.program.read(ERRORS)[-1500:]}"

    async def wait_for_answered_bye(self, *, within: float = 5) -> None:
        """Wait until SIPp has sent the 200 to a BYE; the stock callee exits only 4 s later."""

        def look() -> bool | None:
            return any(m.sent and m.start_line == "SIP/2.0 200 OK" and _is_bye(m) for m in self.messages) or None

        await poll(look, "SIPp answers BYE with 200", within=within)


def _is_bye(message: LoggedMessage) -> bool:
    return (message.header("CSeq") or "").endswith("BYE")


async def call(
    programs: Programs, target: str, scenario: str = "uac", *, transport: Transport = "udp", length_ms: int = 300
) -> Sipp:
    """Start a SIPp that calls the SIP URI `target`, and sends all messages to the host of this URI."""
    user, _, address = target.removeprefix("sip:").partition("@")
    options = ("-s", user, "-d", str(length_ms), address)
    return await _start(programs, scenario, transport, options)


async def as_client(
    programs: Programs, client: tuple[str, str], scenario: str, user: str, *, transport: Transport = "udp"
) -> Sipp:
    """Start a SIPp that proves to be a SIP client, by its address and password, in a request to `user`."""
    name, _, address = client[0].removeprefix("sip:").partition("@")
    options = ("-s", user, "-au", name, "-ap", client[1], "-key", "domain", address, address)
    return await _start(programs, scenario, transport, options)


async def as_carrier(
    programs: Programs,
    trunk: str,
    address: str,
    user: str,
    credential: Mapping[str, str],
    *,
    transport: Transport = "udp",
) -> Sipp:
    """Start a SIPp that calls `user` at the URI of a trunk, with its credential, and sends all to `address`."""
    host = trunk.removeprefix("sip:")
    proof = ("-au", credential["username"], "-ap", credential["password"])
    options = ("-s", user, *proof, "-key", "domain", host, address)
    return await _start(programs, "uac_proves_password", transport, options)


async def listen(
    programs: Programs,
    scenario: str = "uas",
    *,
    transport: Transport = "udp",
    echo: bool = False,
    status: str = BUSY,
    port: int | None = None,
) -> Sipp:
    """Start a SIPp that waits for a call; return once it is ready. `status` is for the refusing scenario."""
    options = ("-rtp_echo",) if echo else ()
    sipp = await _start(programs, scenario, transport, options, status=status, port=port)
    await sipp.program.wait_until_listening(sipp.port, tcp=transport == "tcp")
    return sipp


async def _start(
    programs: Programs,
    scenario: str,
    transport: Transport,
    options: tuple[str, ...],
    *,
    status: str = BUSY,
    port: int | None = None,
) -> Sipp:
    port, media_port, control_port = port or free_ports(), free_ports(4), free_ports()
    files, which = {}, ("-sn", scenario)
    if scenario not in STOCK:
        files["scenario.xml"] = (SCENARIOS / f"{scenario}.xml").read_text().replace(BUSY, status)
        which = ("-sf", "scenario.xml")
    addresses = (
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-mi",
        "127.0.0.1",
        "-mp",
        str(media_port),
        "-cp",
        str(control_port),
    )
    logs = (
        "-trace_msg",
        "-message_file",
        MESSAGES,
        "-trace_err",
        "-error_file",
        ERRORS,
        "-trace_logs",
        "-log_file",
        LOG,
    )
    limits = ("-m", "1", "-nostdin", "-timeout", "20", "-timeout_error", "-recv_timeout", "8000")
    command = ("sipp", *which, "-t", _MODES[transport], *addresses, *logs, *limits, *options)
    return Sipp(await programs.start("sipp", *command, files=files), port)
