"""Without Opus everything else works: with another build of PJSIP, and without libopus."""

from __future__ import annotations

import subprocess
import sys

import pytest

_WORKER = """
import asyncio, os
from simulator.useragent.worker.opus import factory, layout
from simulator.useragent.worker.endpoint import Endpoint
from simulator.useragent.messages import WorkerSettings

{broken}

async def main():
    lines = []
    endpoint = Endpoint(
        WorkerSettings(), on_incoming=None, on_tick=lambda: None, on_polled=lambda: None, on_refused=None,
        on_message_refused=None,
        on_message=None,
        find_call=lambda _: None,
        log=lambda level, text: lines.append(f"{{level}}: {{text}}"),
    )
    print(*sorted(endpoint.codecs))
    print(*lines, sep="\\n", flush=True)
    os._exit(0)

asyncio.run(main())
"""


def start_worker(broken: str) -> list[str]:
    """Start an endpoint after running `broken`; its codecs in one line, then its log."""
    code = _WORKER.format(broken=broken)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("layout.Attributes = layout.Info", "pjmedia_codec_param has 32 bytes, not 1104"),
        ('layout.find_mismatch = lambda manager: "pjmedia_frame"', "pjmedia_frame"),
    ],
)
def test_another_build_of_pjsip_gets_no_opus(broken: str, why: str) -> None:
    codecs, *log = start_worker(broken)
    assert codecs == "G722 GSM ILBC PCMA PCMU SPEEX"
    assert log == [f"warning: no Opus: this build of pjsua2-python is not known: {why}"]


@pytest.mark.parametrize("field", ["frame_ms", "clock_rate", "flags", "max_bps"])
def test_another_layout_of_the_codec_parameters_is_noticed(field: str) -> None:
    """A field that is moved to the end of the structure is noticed."""
    broken = f"""
import ctypes
fields = [(name, kind) for name, kind in layout.Attributes._fields_ if name != {field!r}]
moved = dict(layout.Attributes._fields_)[{field!r}]
layout.Attributes = type("Attributes", (ctypes.Structure,), {{"_fields_": [*fields, ({field!r}, moved)]}})
layout.ctypes = type("Ctypes", (), {{**vars(ctypes), "sizeof": staticmethod(lambda what: 1104)}})
"""
    codecs, *log = start_worker(broken)
    assert "OPUS" not in codecs
    assert len(log) == 1
    assert "is not as expected" in log[0]


def test_a_worker_without_libopus_has_the_other_codecs() -> None:
    missing = "the package opuslib-next-bundled is not installed"
    codecs, *log = start_worker(f"factory._LIBOPUS, factory._LOAD_ERROR = None, {missing!r}")
    assert codecs == "G722 GSM ILBC PCMA PCMU SPEEX"
    assert log == [f"warning: no Opus: {missing}"]


def test_an_unmodified_worker_has_opus() -> None:
    codecs, *log = start_worker("")
    assert "OPUS" in codecs
    assert not any(log)
