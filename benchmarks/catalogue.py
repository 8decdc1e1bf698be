"""All measurements, by name, in the order of the table."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Protocol, cast

from benchmarks.figures import Row, Run


class Measure(Protocol):
    """Takes a measurement; its docstring says what is measured, how, and why that is fair."""

    __doc__: str | None

    def __call__(self, run: Run, /) -> list[Row]:
        """The figures. Any exception means that it could not be taken."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A function of a module here, loaded only in the process that measures."""

    name: str
    module: str
    function: str = "measure"
    limit_s: float = 180.0
    """A measurement that takes longer is given up."""

    def load(self) -> Measure:
        """The function."""
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
    Measurement("room-calls", "room_calls", limit_s=600.0),
    Measurement("mouth-to-ear", "mouth_to_ear"),
    Measurement("webrtc-join", "webrtc", "measure_join"),
    Measurement("webrtc-clients", "webrtc", "measure_clients"),
    Measurement("video", "video"),
    Measurement("import-daily", "daily_module", "measure_import"),
    Measurement("daily-join", "daily_module", "measure_join"),
    Measurement("pipecat-test", "pipecat_bots", "measure_test"),
    Measurement("pipecat-clients", "pipecat_bots", "measure_clients"),
    Measurement("daily-js-join", "daily_js", "measure_join"),
    Measurement("browser-sound", "daily_js", "measure_sound"),
    Measurement("set-ups", "set_ups"),
    Measurement("thousand-calls", "thousand_calls", "measure_with_resets", limit_s=300.0),
    Measurement("no-reset", "thousand_calls", "measure_without_reset", limit_s=300.0),
)


def named(name: str) -> Measurement:
    """Raises KeyError."""
    return {measurement.name: measurement for measurement in MEASUREMENTS}[name]
