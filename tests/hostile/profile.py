"""How hard the hostile tests attack: shortly in every run, for long with `make attack`, which sets the variables."""

from __future__ import annotations

import os
import random

LONG = os.environ.get("DAILY_SIM_ATTACK") == "long"
"""Whether there is time for everything."""
HOST = os.environ.get("DAILY_SIM_ATTACK_HOST", "127.0.0.1")
"""The address at which servers under attack listen."""


def chosen(short: int, long: int) -> int:
    """One of two amounts, by how much time there is."""
    return long if LONG else short


def random_seed() -> int:
    """DAILY_SIM_ATTACK_SEED; without it the same one in every CI run, and a new one elsewhere."""
    given = os.environ.get("DAILY_SIM_ATTACK_SEED")
    if given:
        return int(given)
    return 1 if os.environ.get("CI") else random.SystemRandom().randrange(10**6)
