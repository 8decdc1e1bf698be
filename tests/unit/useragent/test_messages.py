"""The protocol between parent and worker, codecs and exit codes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

import simulator.useragent
from simulator.useragent import messages as m
from simulator.useragent.codecs import supported_codecs
from simulator.useragent.fork_server import describe_exit


def test_the_public_names_of_the_package_exist() -> None:
    assert set(simulator.useragent.__all__) >= {"Call", "Pool", "UserAgent", "WorkerSettings", "Incoming", "Ended"}
    for name in simulator.useragent.__all__:
        assert hasattr(simulator.useragent, name)


def test_commands_and_notices_round_trip() -> None:
    dial = m.Dial(id=1, call="o1", uri="sip:a@b", codecs=("G722", "PCMU"), headers=(("X-A", "ü"),))
    assert m.COMMANDS.validate_json(dial.model_dump_json()) == dial
    ended = m.Ended(at=1.5, call="o1", status=486, reason="Busy", by="remote")
    assert m.NOTICES.validate_json(ended.model_dump_json()) == ended


@pytest.mark.parametrize("line", ["", "{}", '{"op": "fly", "id": 1}', '{"op": "quit", "id": 1, "more": 2}', "[1]"])
def test_malformed_commands_are_refused(line: str) -> None:
    with pytest.raises(ValidationError):
        m.COMMANDS.validate_json(line)


def test_the_codecs_of_a_worker_by_their_names_in_pjsip() -> None:
    assert supported_codecs(["PCMU/8000/1", "iLBC/8000/1", "speex/16000/1", "L16/44100/2"]) == {"PCMU", "ILBC"}


def test_exit_codes_are_described() -> None:
    assert describe_exit(-9) == "signal 9 (SIGKILL)"
    assert describe_exit(-6) == "signal 6 (SIGABRT)"
    assert describe_exit(1) == "exit status 1"
    assert describe_exit(-99) == "signal 99"
