"""Which machine it was, and how busy."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil


def described() -> dict[str, object]:
    """CPU, cores, memory, system and Python, as they go into the table's head."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def load() -> float:
    """Average number of runnable processes over the last minute; ours are among them."""
    return os.getloadavg()[0]


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # macOS
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
