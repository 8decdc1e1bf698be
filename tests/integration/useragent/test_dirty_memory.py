"""A worker starts whatever was in the memory that PJSIP gets before."""

from __future__ import annotations

import subprocess
import sys

_FIND_OFFSETS_IN_DIRTY_MEMORY = """
import ctypes, os, random
from simulator.useragent.worker.pjsip import pj
from simulator.useragent.worker.rx_message import RxMessages

endpoint, config = pj.Endpoint(), pj.EpConfig()
config.logConfig.level = config.logConfig.consoleLevel = 0
endpoint.libCreate()
endpoint.libInit(config)
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
choose = random.Random(1).choice
for _ in range(100):
    for size in (4096, 8192):
        blocks = [libc.malloc(size + choose((0, 16, 64, 128))) for _ in range(20)]
        for block in blocks:
            ctypes.memset(block, choose((0, 7, 255)), size)
        for block in blocks:
            libc.free(block)
    RxMessages()
os._exit(0)
"""


def test_the_structures_are_found_in_memory_that_is_not_zero() -> None:
    run = subprocess.run(
        [sys.executable, "-c", _FIND_OFFSETS_IN_DIRTY_MEMORY], capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 0, run.stderr
