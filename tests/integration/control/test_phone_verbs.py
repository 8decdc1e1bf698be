"""What a phone does in its calls, over HTTP: transfers to another of its calls, digits of bad senders."""

from __future__ import annotations

import pytest

from simulator.dtmf_senders import BAD_SENDERS
from tests.integration.control.sim import Sim

ANN, BEN, CLEO = "+12065550142", "+12065550143", "+12065550144"


def dialled(sim: Sim, phone: str, to: str) -> str:
    """Let a phone call a number, which answers; returns the Call-ID."""
    call = sim.post(f"/_sim/phones/{phone}/dial", {"to": to})["sip_call_id"]
    sim.post(f"/_sim/phones/{phone}/wait-answered", {"sip_call_id": call})
    return str(call)


def test_the_peer_of_a_call_takes_the_place_in_the_other_call(sim: Sim) -> None:
    ann = sim.post("/_sim/phones", {"number": ANN})["id"]
    ben = sim.post("/_sim/phones", {"number": BEN, "refers": "follow"})["id"]
    cleo = sim.post("/_sim/phones", {"number": CLEO})["id"]
    with_ben, with_cleo = dialled(sim, ann, BEN), dialled(sim, ann, CLEO)
    shown = sim.post(f"/_sim/phones/{ann}/attended-transfer", {"sip_call_id": with_ben})
    assert shown["sip_call_id"] == with_ben
    sim.post(f"/_sim/phones/{ann}/wait-for-end", {"sip_call_id": with_cleo})
    sim.post(f"/_sim/phones/{ben}/hum", {"hz": 440})
    sim.post(f"/_sim/phones/{cleo}/expect-tone", {"hz": 440, "within_ms": 10_000})


def test_another_call_is_needed_and_with_several_its_call_id(sim: Sim) -> None:
    ann = sim.post("/_sim/phones", {"number": ANN})["id"]
    for number in (BEN, CLEO):
        sim.post("/_sim/phones", {"number": number, "refers": "follow"})
    path = f"/_sim/phones/{ann}/attended-transfer"
    with_ben = dialled(sim, ann, BEN)
    refused = sim.post(path, status=409)
    assert refused["info"] == f"{ANN} has 0 other answered calls for to_call None; there are: none"
    with_cleo, again = dialled(sim, ann, CLEO), dialled(sim, ann, CLEO)
    refused = sim.post(path, {"sip_call_id": with_ben}, status=409)
    assert refused["info"].endswith(f"has 2 other answered calls for to_call None; there are: {with_cleo}, {again}")
    assert "0 other" in sim.post(path, {"sip_call_id": with_ben, "to_call": with_ben}, status=409)["info"]
    sim.post(path, {"sip_call_id": with_ben, "to_call": again})
    sim.post(f"/_sim/phones/{ann}/wait-for-end", {"sip_call_id": again})


@pytest.mark.parametrize("stream", ["same", "own"])
def test_digits_are_sent_as_a_bad_sender_does(sim: Sim, stream: str) -> None:
    ann, ben = (sim.post("/_sim/phones", {"number": number})["id"] for number in (ANN, BEN))
    dialled(sim, ann, BEN)
    sim.post(f"/_sim/phones/{ann}/press-like", {"sender": "no-marker", "stream": stream})
    sim.post(f"/_sim/phones/{ben}/wait-for-digits", {"digits": "1", "method": "telephone-event"})


def test_an_unknown_sender_is_refused_with_the_known_ones(sim: Sim) -> None:
    ann = sim.post("/_sim/phones", {"number": ANN})["id"]
    refused = sim.post(f"/_sim/phones/{ann}/press-like", {"sender": "no-maker"}, status=400)
    assert all(name in refused["info"] for name in BAD_SENDERS)
    sim.post("/_sim/phones", {"number": BEN, "telephone_event": False})
    dialled(sim, ann, BEN)
    refused = sim.post(f"/_sim/phones/{ann}/press-like", {"sender": "no-marker"}, status=400)
    assert "a call with telephone-event" in refused["info"]
