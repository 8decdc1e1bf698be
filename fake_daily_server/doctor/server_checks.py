"""What each server needs: Python, PJSIP, free ports, enough open files."""

from __future__ import annotations

import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

from fake_daily_server.doctor.finding import Finding, State

PYTHONS = ((3, 11), (3, 12))
"""The versions for which pjsua2-python has wheels, and which this project supports."""
PYTHON_REMEDY = "uv venv --seed --python 3.12, or pyenv install 3.12 (docs/install.md)"

_IMPORT_PJSIP = "import importlib.metadata, pjsua2; print(importlib.metadata.version('pjsua2-python'))"
_IMPORT_LIMIT_S = 30
_DESCRIPTORS_OF_A_CALL = 6
_DESCRIPTORS_OF_A_SERVER = 60
"""Both measured on Linux, the latter with pytest and its plugins."""
_ENOUGH_FILES = 512
"""For the 64 calls of the default `most_gateway_workers`."""


def python(version: tuple[int, int] = (sys.version_info[0], sys.version_info[1])) -> Finding:
    """Whether this Python is one that pjsua2-python has wheels for."""
    found = f"{platform.python_version()}, {sys.executable}"
    if version in PYTHONS:
        return Finding(State.OK, "Python", found)
    return Finding(
        State.FAILS, "Python", f"{found}: pjsua2-python (PJSIP) has wheels for 3.11 and 3.12 only", PYTHON_REMEDY
    )


def pjsip(interpreter: str = sys.executable) -> Finding:
    """Whether `interpreter` can import PJSIP. It is imported in a process of its own, as always."""
    try:
        ran = subprocess.run(  # noqa: S603  # this interpreter, and fixed arguments
            [interpreter, "-c", _IMPORT_PJSIP], capture_output=True, text=True, check=False, timeout=_IMPORT_LIMIT_S
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        return Finding(State.FAILS, "PJSIP", f"{interpreter} could not be asked: {failure}")
    if ran.returncode == 0:
        return Finding(State.OK, "PJSIP", f"pjsua2-python {ran.stdout.strip()}")
    said = ran.stderr.strip().splitlines()
    why = said[-1] if said else f"the import ended with status {ran.returncode}"
    return Finding(
        State.FAILS,
        "PJSIP",
        f"cannot be imported: {why}",
        "install this project again; docs/install.md has the platforms for which pjsua2-python has wheels",
    )


def port(host: str, number: int, option: str, *, udp: bool) -> Finding:
    """Whether a server can listen on the TCP port, and with `udp` also on the UDP port, of this number."""
    protocols = "TCP and UDP" if udp else "TCP"
    about = f"port {number}"
    kinds = [socket.SOCK_STREAM, *([socket.SOCK_DGRAM] if udp else [])]
    with ExitStack() as bound:
        for kind in kinds:
            each = bound.enter_context(socket.socket(socket.AF_INET, kind))
            if kind is socket.SOCK_STREAM:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            try:
                each.bind((host, number))
            except OSError as failure:
                remedy = f"{option} 0 takes any free one, as pytest fixtures and exec do by themselves"
                found = f"{protocols} of {host}, for {option}: {failure.strerror}"
                return Finding(State.FAILS, about, found, remedy)
    return Finding(State.OK, about, f"{protocols} of {host} is free, for {option}")


def open_files(limit: int) -> Finding:
    """Whether `limit`, that of `ulimit -n`, allows for as many calls as a server takes by default."""
    if limit >= _ENOUGH_FILES:
        return Finding(State.OK, "open files", f"ulimit -n is {limit}")
    calls = max(0, (limit - _DESCRIPTORS_OF_A_SERVER) // _DESCRIPTORS_OF_A_CALL)
    found = f"ulimit -n is {limit}: about {calls} calls at the same time"
    return Finding(State.LIMITED, "open files", found, "ulimit -n 4096, in the shell that starts the tests")


def _open_files_here() -> Iterator[Finding]:
    try:
        import resource  # noqa: PLC0415  # not on every platform
    except ImportError:
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY:
        yield open_files(soft)


def server_findings(host: str, http_port: int, sip_port: int) -> Iterator[Finding]:
    """All of them, for a server with these options."""
    yield python()
    yield pjsip()
    if http_port:
        yield port(host, http_port, "--port", udp=False)
    if sip_port:
        yield port(host, sip_port, "--sip-port", udp=True)
    yield from _open_files_here()
