"""A phone with the persona `menu` and the persona `voicemail`, called over real SIP."""

from __future__ import annotations

import pytest

from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.network import Network
from simulator.phone import Phone

CALLER, FAR_END = "+12065550142", "+12065550143"


@pytest.fixture
async def caller(phone_network: Network) -> Phone:
    return await phone_network.phone(CALLER, name="caller")


async def test_a_digit_interrupts_the_prompt_and_chooses_a_branch(phone_network: Network, caller: Phone) -> None:
    desk = await phone_network.phone(FAR_END, name="desk", persona="menu", menu={"1": "sales", "2": "support"})
    call = await caller.dial(FAR_END)
    called = await desk.wait_for_call()
    await call.wait_answered()
    await call.expect_speech()
    await call.press("2")
    await call.expect_speech()
    assert called.branch == "support"
    personas = [each.fields for each in phone_network.timeline.records() if each.fields.get("action") == "persona"]
    notes = [fields["text"] for fields in personas if "step" not in fields]
    assert notes == ["menu 'main': 2 chooses 'support'"]


async def test_a_failed_wait_says_where_the_far_end_stands(phone_network: Network, caller: Phone) -> None:
    menu = {"1": "sales", "3": "support"}
    desk = await phone_network.phone(FAR_END, name="desk", persona="menu", menu=menu, prompt="Choose.")
    call = await caller.dial(FAR_END)
    called = await desk.wait_for_call()
    await call.wait_answered()
    await call.press("2")
    with pytest.raises(
        ExpectationFailed, match=r"'desk' \(persona menu\) is in menu 'main', had heard 2, expected 1 or 3"
    ):
        await called.wait_for_digits("21", within=1)


async def test_the_branch_that_the_caller_reaches_is_expected(phone_network: Network, caller: Phone) -> None:
    menu = {"1": "sales", "2": [{"record_s": 5}, "hang_up"]}
    desk = await phone_network.phone(FAR_END, name="desk", persona="menu", menu=menu, prompt="")
    call = await caller.dial(FAR_END)
    called = await desk.wait_for_call()
    await called.expect_persona(step="menu", menu="main")
    await call.press("2")
    await called.expect_persona(branch="2", digits="2")
    await called.expect_persona(step="record_s")
    with pytest.raises(ExpectationFailed) as failed:
        await called.expect_persona(branch="sales", step="record_s", within=0.2)
    assert (
        str(failed.value).splitlines()[0]
        == "Expected  desk: its persona is at {branch: sales, step: record_s}  within 0.2 s"
    )
    await called.expect_persona(step="/hang/", within=10)
    await called.wait_for_end()
    with pytest.raises(ExpectationFailed, match="it was there before"):
        await called.expect_persona(digits="2", within=30)  # at once: the call has ended
    with pytest.raises(ConfigurationError, match="'caller' is not usable; allowed: a phone with a persona"):
        await call.expect_persona(branch="2")


async def test_a_test_number_answers_without_a_phone(phone_network: Network, caller: Phone) -> None:
    for target in ("+15005550120", "sip:menu@numbers.test"):
        call = await caller.dial(target)
        await call.wait_answered()
        await call.hang_up()
    with pytest.raises(ConfigurationError, match="did you mean 'voicemail'"):
        await phone_network.phone(FAR_END, persona="voicemial")
