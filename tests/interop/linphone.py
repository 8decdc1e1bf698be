"""Debian's linphonec (liblinphone) as a SIP peer without sound hardware, controlled over its standard input.

It is one process for several calls, one after the other. What it prints is in `output`, all SIP messages are in `log`.
"""

from __future__ import annotations

import re

import numpy as np

from simulator.audio.expectations import TONE_SECONDS
from simulator.audio.spectrum import Peak
from simulator.audio.tone_detector import TOLERANCE_HZ, detect_tones
from simulator.audio.tones import tone
from simulator.audio.wav import write_wav
from tests.interop.program import Program, Programs, free_ports, poll

TONE_HZ = 440
"""The tone that linphone sends in every call."""
CODECS = {
    "OPUS": "opus (48000)",
    "G722": "G722 (8000)",
    "PCMU": "PCMU (8000)",
    "PCMA": "PCMA (8000)",
    "SPEEX": "speex (8000)",
}
"""Our names of codecs and linphone's."""
DEFAULT_CODECS = ("OPUS", "G722", "PCMU", "PCMA")
LOG, TONE, HEARD = "log", "tone.wav", "heard.wav"

_WAV_HEADER = 44
"""Bytes."""
# The sound files stand in for a sound card, which ALSA's type null cannot: it has no clock. Without the two
# settings of the network's state, linphone waits for a network other than loopback.
_CONFIG = """\
[net]
firewall_policy=none
[sip]
sip_port={port}
sip_tcp_port={port}
sip_tls_port=0
bind_address=127.0.0.1
use_ipv6=0
guess_hostname=0
contact="Lin" <sip:lin@127.0.0.1>
register_only_when_network_is_up=0
auto_net_state_mon=0
{sip}
[rtp]
audio_rtp_port={rtp_port}
video_rtp_port={video_port}
bind_address=127.0.0.1
[sound]
use_files=1
[video]
enabled=0
[misc]
log_collection=0
"""


class Linphone:
    """A running linphonec, which answers calls at once unless `auto_answer` is turned off."""

    def __init__(self, program: Program, port: int) -> None:
        self.program = program
        self.port = port
        self._start = self._log_start = 0

    @classmethod
    async def start(cls, programs: Programs, **sip: int | str) -> Linphone:
        """Start it, and return when it can call and be called. `sip` are settings of its section [sip]."""
        port = free_ports(2)
        settings = "\n".join(f"{name}={value}" for name, value in sip.items())
        config = _CONFIG.format(port=port, sip=settings, rtp_port=free_ports(2), video_port=free_ports(2))
        # Without the folder in its home, linphone cannot create its database and binds no port.
        files = {"config": config, ".local/share/linphone/made": ""}
        command = ("sh", "-c", f"HOME=$PWD exec linphonec -c config -a -d 6 -l {LOG}")
        program = await programs.start("linphone", *command, files=files, stdin=True)
        await program.wait_for_output(f":{port};transport=TCP", file=LOG)
        write_wav(program.folder / TONE, tone(TONE_HZ, 10, rate=8000), 8000)
        linphone = cls(program, port)
        linphone.command(f"play {program.folder / TONE}")
        await linphone.choose_codecs(*DEFAULT_CODECS)
        linphone.begin()
        return linphone

    @property
    def uri(self) -> str:
        """Its SIP URI over UDP."""
        return f"sip:lin@127.0.0.1:{self.port}"

    @property
    def printed(self) -> str:
        """What it has printed since `begin`."""
        return self.program.read()[self._start :]

    @property
    def digits(self) -> str:
        """Digits received since `begin`, by telephone-event or SIP INFO."""
        return "".join(re.findall(r"Receiving tone (\S) from", self.printed))

    @property
    def log(self) -> str:
        """What it has logged since `begin`: also all SIP messages."""
        return self.program.read(LOG)[self._log_start :]

    @property
    def call_id(self) -> str:
        """The Call-ID of the newest SIP message."""
        found: list[str] = re.findall(r"(?m)^Call-ID: *(\S+)", self.log)
        return found[-1]

    def sent(self, method: str) -> str:
        """The first request of this method that it has sent since `begin`, as text."""
        found = re.search(rf"(?s)message sent to [^\n]*\n({method} .*?)\n\d{{4}}-", self.log)
        assert found, f"linphone has sent no {method}"
        return found[1]

    def begin(self) -> None:
        """Forget earlier calls, and record what the next call hears."""
        self._start, self._log_start = len(self.program.read()), len(self.program.read(LOG))
        self.command(f"record {self.program.folder / HEARD}")

    async def restore(self) -> None:
        """End all calls, and return to the default codecs and to answering at once."""
        restored = len(self.program.read())
        self.command("terminate all")
        ended = r"No active calls|Call \d+ with \S+ (?:ended|error)"
        await self._wait_for(ended, "the end of all calls", start=restored)
        self.auto_answer(True)
        await self.choose_codecs(*DEFAULT_CODECS)

    def command(self, text: str) -> None:
        """Have it carry out a command of its console."""
        self.program.write_line(text)

    def auto_answer(self, enabled: bool) -> None:
        """Whether it answers calls at once."""
        self.command(f"autoanswer {'enable' if enabled else 'disable'}")

    async def choose_codecs(self, *codecs: str) -> None:
        """Offer and accept only these codecs, which have our names."""
        listed = len(self.program.read())
        self.command("codec list")
        lines = await self._wait_for(r"(?s) 0: .*?(?=\nlinphonec>)", "its codecs", start=listed)
        names = {CODECS[codec] for codec in codecs}
        for index, name, state in re.findall(r"(?m)^ *(\d+): (.*) (\w+)$", lines[0]):
            wanted = "enable" if name in names else "disable"
            if not state.startswith(wanted):
                self.command(f"codec {wanted} {index}")

    async def dial(self, uri: str) -> None:
        """Call a SIP URI, and wait for the answer."""
        self.command(f"call {uri}")
        await self.wait_for_media()

    async def wait_for_media(self) -> None:
        """Wait until its media are established."""
        await self._wait_for("Media streams established", "its media are established")

    async def send_digit(self, digit: str) -> None:
        """Send a digit of 100 ms."""
        self.command(digit)

    async def wait_for_digits(self, digits: str) -> None:
        """Wait until exactly these digits have been received."""
        await poll(lambda: len(self.digits) >= len(digits) or None, f"linphone receives {digits}", within=5)
        assert self.digits == digits

    async def hold(self) -> None:
        """Put the call on hold."""
        self.command("pause")
        await self._wait_for("is now paused", "the call is on hold")

    async def resume(self) -> None:
        """Resume the call."""
        before = self.printed.count("Media streams established")
        self.command("resume")
        await self._wait_for(rf"(?s)(?:Media streams established.*?){{{before + 1}}}", "the call is resumed")

    async def wait_held_by_far_end(self, held: bool) -> None:
        """Wait until the far end holds the call, or no longer does."""
        state = "PausedByRemote" if held else "StreamsRunning"

        def look() -> bool | None:
            states = re.findall(r"moving from state \w+ to LinphoneCall(\w+)", self.log)
            return states[-1:] == [state] or None

        await poll(look, f"linphone: {state}", within=5)

    async def hang_up(self) -> None:
        """End the call, or decline it while it rings (603)."""
        self.command("terminate")
        await self.wait_ended()

    async def wait_ended(self) -> str:
        """Wait for the end of the call. Returns the reason, such as `No error`; `error` for a refused call."""
        found = await self._wait_for(r"Call \d+ with \S+ (?:ended \((?P<reason>.*)\)|error)", "the end of the call")
        return found["reason"] or "error"

    async def expect_tone(self, hz: float, *, rate: int) -> None:
        """Wait until it hears this tone and no other.

        `rate` is that of its decoder: 48000 for Opus, 16000 for G722, 8000 for G.711.
        """

        def look() -> bool | None:
            heard = [peak.hz for peak in self._tones(rate)]
            return (len(heard) == 1 and abs(heard[0] - hz) < TOLERANCE_HZ) or None

        await poll(look, f"linphone hears {hz:g} Hz", within=5)

    def _tones(self, rate: int) -> list[Peak]:
        """The tones of the last 0.3 s in its recording, whose header is incomplete while the call lasts."""
        file = self.program.folder / HEARD
        data = file.read_bytes()[_WAV_HEADER:] if file.exists() else b""
        samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)
        return detect_tones(samples[-int(TONE_SECONDS * rate) :], rate)

    async def _wait_for(self, pattern: str, what: str, *, start: int | None = None) -> re.Match[str]:
        found = re.compile(pattern)

        def look() -> re.Match[str] | None:
            assert self.program.exit_code is None, f"linphone exited with {self.program.exit_code}"
            return found.search(self.program.read(), self._start if start is None else start)

        return await poll(look, f"linphone: {what}", within=5)
