"""All measurements by name, in the order of the table."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Protocol, cast

from benchmarks.figures import Row, Run


class Measure(Protocol):
    """A function that takes a measurement. Its docstring explains what is measured, how, and why that is fair."""

    __doc__: str | None

    def __call__(self, run: Run, /) -> list[Row]:
        """Return the figures. Any exception means that the measurement failed."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """The module and name of a measuring function; only the measuring process imports the module."""

    name: str
    module: str
    function: str = "measure"
    timeout: float = 180.0
    """Seconds after which the measurement fails."""

    def load(self) -> Measure:
        """Import the module and return the function."""
        return cast("Measure", getattr(importlib.import_module(f"benchmarks.{self.module}"), self.function))


MEASUREMENTS = (
    Measurement("fixture", "session_fixture", "measure_fixture"),
    Measurement("start", "session_fixture", "measure_start"),
    Measurement("reset", "reset"),
    Measurement("plugin", "unused_plugin"),
    Measurement("dial-out", "dial_out"),
    Measurement("events", "event_delay"),
    Measurement("digits", "digits"),
    Measurement("rest", "rest_calls"),
    Measurement("worker", "worker_memory"),
    Measurement("codecs", "codec_cost"),
    Measurement("relay", "relay_cost"),
    Measurement("forty-calls", "forty_calls"),
    Measurement("room-calls", "room_calls", timeout=600.0),
    Measurement("mouth-to-ear", "mouth_to_ear"),
    Measurement("webrtc-join", "webrtc", "measure_join"),
    Measurement("webrtc-clients", "webrtc", "measure_clients"),
    Measurement("video", "video"),
    Measurement("import-daily", "daily_module", "measure_import"),
    Measurement("daily-join", "daily_module", "measure_join"),
    Measurement("program-start", "program_start"),
    Measurement("pipecat-test", "pipecat_bots", "measure_test"),
    Measurement("pipecat-clients", "pipecat_bots", "measure_clients"),
    Measurement("daily-js-join", "daily_js", "measure_join"),
    Measurement("browser-sound", "daily_js", "measure_sound"),
    Measurement("recording", "report_pages", "measure_recording"),
    Measurement("report", "report_pages", "measure_pages"),
    Measurement("sandbox", "sandbox_page", "measure_page"),
    Measurement("set-ups", "set_ups"),
    Measurement("thousand-calls", "thousand_calls", "measure_with_resets", timeout=300.0),
    Measurement("no-reset", "thousand_calls", "measure_without_reset", timeout=300.0),
)


def by_name(name: str) -> Measurement:
    """The measurement with this name. Raises KeyError."""
    return {measurement.name: measurement for measurement in MEASUREMENTS}[name]
