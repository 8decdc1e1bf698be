"""The bot finds its way through the company's menu, which the persona `menu` plays."""

import sys
from pathlib import Path

import pytest

BOT = Path(__file__).with_name("bot.py")
MENU = {"prompt": "For sales press 1. For support press 2.", "menu": {"1": "Sales, hello.", "2": "Support, hello."}}


@pytest.mark.parametrize(("key", "branch"), [("1", "Sales, hello."), ("2", "Support, hello.")])
async def test_the_bot_reaches_the_department(run_program, daily_room, phone_network, key, branch):
    company = await phone_network.phone("+12065550142", name="company", persona="menu", **MENU)
    env = {
        "NUMBER": company.number,
        "KEY": key,
        "ROOM_URL": daily_room.url,
        "ROOM_TOKEN": daily_room.owner_token,
    }
    bot = run_program(sys.executable, str(BOT), env=env)

    call = await company.wait_for_call(within=10)
    await call.wait_for_digits(key, within=10)
    await call.wait_for_end(within=10)

    assert call.branch == branch
    await bot.wait_for_end()
