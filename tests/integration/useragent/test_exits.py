"""The exits of a worker: it does not start with another PJSIP, and sends nothing that the policy refuses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simulator.destinations import Destinations
from simulator.errors import CallRefused
from simulator.timeline import Timeline
from simulator.useragent import Pool, WorkerSettings
from tests.integration.useragent.party import Party

_WORKER = """
import asyncio, ctypes, os
from simulator.useragent.worker import layout_check, pjsip
from simulator.useragent.worker.endpoint import Endpoint
from simulator.useragent.messages import WorkerSettings

def with_another_field_before(structure, name):
    fields = []
    for field in structure._fields_:
        fields += [("more", ctypes.c_void_p), field] if field[0] == name else [field]
    members = {{key: value for key, value in vars(structure).items() if isinstance(value, property)}}
    return type(structure.__name__, (ctypes.Structure,), {{**members, "_fields_": tuple(fields)}})

{broken}

async def main():
    try:
        Endpoint(
            WorkerSettings(), on_incoming=None, on_tick=lambda: None, on_polled=lambda: None, on_refused=print,
            on_message_refused=print,
            on_message=None,
            find_call=lambda _: None,
            log=lambda level, text: print(text, flush=True),
        )
        print("started", flush=True)
    except RuntimeError as error:
        print(f"{{type(error).__name__}}: {{error}}", flush=True)
    os._exit(0)

asyncio.run(main())
"""


def start_worker(broken: str) -> str:
    """Start an endpoint after running `broken`, and return what it prints, also to standard error."""
    code = _WORKER.format(broken=broken)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20)
    return done.stdout + done.stderr


def test_a_worker_starts_with_the_pjsip_of_the_lock() -> None:
    assert start_worker("") == "started\n"


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ('layout_check.KNOWN_VERSIONS = ("2.14",)', "version 2.15.1 (known: 2.14)"),
        *(
            (f"layout_check.TxData = with_another_field_before(layout_check.TxData, {field!r})", "pjsip_tx_data (")
            for field in ("list", "op_key", "destinations", "address", "host", "port")
        ),
        *(
            (f"layout_check.RxData = with_another_field_before(layout_check.RxData, {field!r})", "pjsip_rx_data (")
            for field in ("op_key", "length", "address", "host", "port", "text", "message", "call_id", "cseq")
        ),
        *(
            (f"layout_check.CseqHeader = with_another_field_before(layout_check.CseqHeader, {field!r})", "pjsip_cseq")
            for field in ("number", "method")
        ),
        ("layout_check.SendState = with_another_field_before(layout_check.SendState, 'token')", "pjsip_host_info ("),
        ("layout_check.Message = with_another_field_before(layout_check.Message, 'start')", "pjsip_msg ("),
        ("layout_check.SdpSession = with_another_field_before(layout_check.SdpSession, 'media')", "pjsip_rx_data ("),
        ("pjsip.Configuration = with_another_field_before(pjsip.Configuration, 't1')", "pjsip_cfg_t ("),
        (
            "layout_check.UdpMediaTransport = with_another_field_before(layout_check.UdpMediaTransport, 'options')",
            "pjme",
        ),
    ],
)
def test_a_worker_does_not_start_with_another_layout(broken: str, what: str) -> None:
    output = start_worker(broken)
    assert "LayoutMismatch: this build of PJSIP cannot be used, because its " in output
    assert what in output
    assert "install pjsua2-python as requirements.lock has it" in output


@pytest.mark.parametrize(
    "uri",
    [
        "sip:x@192.0.2.66",
        "sip:x@host.example",
        "sip:x@127.0.0.1;maddr=192.0.2.66",
        "sip:x@127.0.0.1;transport=tcp;maddr=host.example",
        "sip:x@[::1]",
    ],
)
async def test_what_the_policy_refuses_is_not_dialled(alice: Party, uri: str) -> None:
    with pytest.raises(CallRefused, match="nothing is sent to") as refused:
        await alice.agent.dial(uri)
    assert refused.value.status == 403
    assert alice.agent.calls == {}


def test_a_worker_with_other_stream_parameters_ends_with_the_assertion_of_pjmedia() -> None:
    output = start_worker(
        "layout_check.AttachParameters = with_another_field_before(layout_check.AttachParameters, 'rtp')"
    )
    assert "tp_attach: Assertion `tp && rem_addr && addr_len' failed" in output
    assert "started" not in output


async def test_an_allowed_name_is_dialled_at_the_address_that_the_parent_has_looked_up() -> None:
    timeline = Timeline()
    settings = WorkerSettings(allow_hosts=("pbx.example", "gone.example"))
    async with Pool(settings, warm=0, limit=2) as pool:
        agent, callee = await pool.lease(), Party(await pool.lease())
        agent.destinations = Destinations(settings.allow_hosts, timeline=timeline)
        with pytest.raises(CallRefused, match=r"pbx\.example is allowed, but has no address"):
            await agent.dial("sip:bob@pbx.example")
        agent.learn_name("pbx.example", ("127.0.0.1",))
        port = callee.agent.address.rpartition(":")[2]
        call = await agent.dial(f"sip:bob@PBX.example:{port}")
        incoming, notice, _ = await callee.next_call()
        assert notice.request_uri == f"sip:bob@PBX.example:{port}"
        await incoming.answer()
        assert await call.wait_media()
        await call.hang_up()
        await incoming.wait_ended(2)
    assert list(timeline.records()) == []
