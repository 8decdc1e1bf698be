"""A PIN caller: whole sequences of inputs."""

from __future__ import annotations

from fake_daily_server.telephony.machines.inputs import DigitReceived
from fake_daily_server.telephony.machines.pin_caller import PinCallerMachine
from tests.unit.telephony.cases.pin_caller import CODE, INVITE, MEDIA
from tests.unit.telephony.short_names import short_names


def test_eleven_digits_make_a_code_and_other_digits_are_ignored() -> None:
    machine = PinCallerMachine()
    for given in (INVITE, MEDIA):
        machine.feed(given)
    done = [short_names(machine.feed(DigitReceived(digit))) for digit in "*12345#67890D"]
    assert done == [["stop sound", "timer 20"]] * 13
    assert short_names(machine.feed(DigitReceived("1"))) == ["timer off", f"look up {CODE}"]
