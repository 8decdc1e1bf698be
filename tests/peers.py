"""The foreign programs and packages that interop tests use, and how to install them."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

INSTALL = {
    "sipp": "Debian: apt install sip-tester; macOS: brew install sipp",
    "tshark": "Debian: apt install tshark; macOS: brew install wireshark",
    "curl": "Debian: apt install curl; macOS: brew install curl",
    "baresip": "Debian: apt install baresip-core; macOS: brew install baresip",
    "linphonec": "Debian: apt install linphone-cli",
    "kamailio": "Debian: apt install kamailio; macOS: brew install kamailio",
    "npm": "Debian: apt install npm; macOS: brew install node",
    "node": "Debian: apt install nodejs; macOS: brew install node",
    "chromium": "Debian: apt install chromium; macOS: brew install chromium",
    "ip": "Debian: apt install iproute2; Linux only",
    "pip": "python -m ensurepip",
    "pipecat": "make peers",
    "daily": "make peers",
    "locust": "make peers",
    "playwright": "make peers",
    "daily-js": "make peers",
    "axe-core": "make peers",
}

MODULES = {"pip", "pipecat", "daily", "locust", "playwright"}
"""Peers that are Python modules; the others are programs, but for the npm packages."""

NPM_PACKAGES = {"daily-js": "@daily-co/daily-js", "axe-core": "axe-core"}
"""Peers that are npm packages, with their names there."""

NODE_MODULES = Path(__file__).parent / "interop" / "javascript" / "node_modules"
"""Where `make peers` installs npm packages: daily-js, its test tools, axe-core."""


@functools.cache
def why_missing(peer: str) -> str | None:
    """Why `peer` cannot be used on this machine, and how to install it; None if it can be used."""
    if peer not in INSTALL:
        raise ValueError(f"interop: {peer!r} is not a known peer; known: {', '.join(INSTALL)}")
    if not _installed(peer):
        return f"{peer} is not installed ({INSTALL[peer]})"
    if peer == "tshark" and not may_capture():
        return "tshark may not capture on this machine (run as root, or join the group that may use dumpcap)"
    if peer == "ip" and not may_make_namespaces():
        return "ip may not make network namespaces on this machine (run as root, in a container with --privileged)"
    return None


def _installed(peer: str) -> bool:
    if peer in MODULES:
        return importlib.util.find_spec(peer) is not None
    if peer in NPM_PACKAGES:
        return (NODE_MODULES / NPM_PACKAGES[peer]).is_dir()
    return shutil.which(peer) is not None


def may_capture() -> bool:
    """Whether this user may capture packets, that is, dumpcap lists the link types of the loopback interface."""
    loopback = "lo0" if sys.platform == "darwin" else "lo"
    listed = subprocess.run(["dumpcap", "-i", loopback, "-L"], capture_output=True, check=False, timeout=20)
    return listed.returncode == 0


def may_make_namespaces() -> bool:
    """Whether this user may make network namespaces, each with a link of its own to another one."""
    name = f"sim-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False, timeout=20)
    entered = subprocess.run(
        ["ip", "-n", name, "link", "set", "lo", "up"], capture_output=True, check=False, timeout=20
    )
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False, timeout=20)
    return made.returncode == 0 and entered.returncode == 0
